//! What the test suites of other libraries ask of channels and tasks: crossbeam-channel's of its flavours, async-channel's
//! and tokio's of their channels, async-task's and tokio's of their tasks. Not what a test of ours asks already.
//!
//! Under every schedule where that can be: the `threads_…` and `thread_ends` are about real threads, `polled`, `handles`
//! and `tasks` are driven by hand, because they count polls, wake-ups and drops.

mod choices;
mod handles;
mod polled;
mod tasks;
mod tasks_wakers;
mod thread_ends;
mod threads_channels;
mod threads_tasks;
mod time;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_dsl::prelude::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The kinds of channel that those libraries have.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flavour {
    /// With this many places.
    Array(usize),
    /// Without a limit.
    List,
    /// Without a place.
    Zero,
}

use Flavour::{Array, List, Zero};

impl Flavour {
    fn make<T: Send + 'static>(self) -> (Putter<T>, Taker<T>) {
        match self {
            Array(places) => chan::fixed(places),
            List => chan(),
            Zero => chan::fixed(0),
        }
        .split()
    }
}

/// A waker that counts.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Woken {
    fn new() -> (Arc<Self>, Waker) {
        let woken = Arc::new(Self::default());
        (Arc::clone(&woken), Waker::from(woken))
    }

    fn times(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn poll<F: Future + Unpin + ?Sized>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Counts when it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Panics when it is dropped, without the message on standard error.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::resume_unwind(Box::new("dropped"));
        }
    }
}
