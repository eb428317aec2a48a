//! Waiting on a plain thread, for the blocking twins.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use super::blocked::Blocking;
use super::sync::atomic::{AtomicBool, Ordering};
use super::sync::thread::{self, Thread};

struct Parked {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

/// Blocks this thread until `poll` is ready.
pub(crate) fn wait<T>(
    mut blocking: Blocking,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> T {
    let parked = Parked::here();
    let waker = Waker::from(Arc::clone(&parked));
    loop {
        if let Poll::Ready(value) = blocking.poll(|| poll(&mut Context::from_waker(&waker))) {
            return value;
        }
        while !parked.woken.swap(false, Ordering::AcqRel) {
            thread::park();
        }
    }
}

/// Blocks this thread until `poll` is ready, or gives `None` at the deadline. What is ready by then wins.
pub(crate) fn wait_until<T>(
    mut blocking: Blocking,
    deadline: Instant,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    let parked = Parked::here();
    let waker = Waker::from(Arc::clone(&parked));
    loop {
        if let Poll::Ready(value) = blocking.poll(|| poll(&mut Context::from_waker(&waker))) {
            return Some(value);
        }
        while !parked.woken.swap(false, Ordering::AcqRel) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            thread::park_timeout(left);
        }
    }
}

impl Parked {
    fn here() -> Arc<Self> {
        Arc::new(Self {
            thread: thread::current(),
            woken: AtomicBool::new(false),
        })
    }
}
