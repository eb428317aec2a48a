//! Wakers that take their time, as a thread does that is suspended where it runs one: what they woke goes on meanwhile, and
//! may be over, or have given up, before the operation that woke it looks again.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

struct Lingers(Waker);

impl Wake for Lingers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        static TIMES: AtomicU32 = AtomicU32::new(0);
        self.0.wake_by_ref();
        match TIMES.fetch_add(1, Ordering::Relaxed) % 7 {
            0 => std::thread::sleep(Duration::from_micros(50)),
            1 | 2 => std::thread::yield_now(),
            _ => {}
        }
    }
}

/// A future that is woken by such wakers.
pub(crate) struct Lingering<F> {
    future: Pin<Box<F>>,
    /// The one that it was given last, and ours for that.
    wakers: Option<(Waker, Waker)>,
}

pub(crate) fn lingering<F: Future>(future: F) -> Lingering<F> {
    Lingering {
        future: Box::pin(future),
        wakers: None,
    }
}

impl<F: Future> Future for Lingering<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if !matches!(&this.wakers, Some((given, _)) if given.will_wake(cx.waker())) {
            let given = cx.waker().clone();
            let ours = Arc::new(Lingers(given.clone())).into();
            this.wakers = Some((given, ours));
        }
        let (_, ours) = this.wakers.as_ref().unwrap();
        this.future.as_mut().poll(&mut Context::from_waker(ours))
    }
}
