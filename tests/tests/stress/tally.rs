//! What became of each value.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// How many values were made, and where they went.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    made: AtomicU64,
    taken: AtomicU64,
    /// Came back from a put on a closed channel, or one whose time was over.
    handed_back: AtomicU64,
    /// Were dropped with a [`Putting`].
    with_putter: AtomicU64,
    /// Were dropped otherwise, which is a loss unless the channel says that it discarded them.
    dropped: AtomicU64,
}

/// A reading of the counters.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) made: u64,
    pub(crate) taken: u64,
    pub(crate) handed_back: u64,
    pub(crate) with_putter: u64,
    pub(crate) dropped: u64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Tally {
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            made: read(&self.made),
            taken: read(&self.taken),
            handed_back: read(&self.handed_back),
            with_putter: read(&self.with_putter),
            dropped: read(&self.dropped),
        }
    }
}

/// A value that says where it ended.
#[derive(Debug)]
pub(crate) struct Value {
    tally: Arc<Tally>,
    accounted: bool,
}

impl Value {
    pub(crate) fn new(tally: &Arc<Tally>) -> Self {
        count(&tally.made);
        Self {
            tally: Arc::clone(tally),
            accounted: false,
        }
    }

    pub(crate) fn taken(mut self) {
        self.accounted = true;
        count(&self.tally.taken);
    }

    pub(crate) fn handed_back(mut self) {
        self.accounted = true;
        count(&self.tally.handed_back);
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if self.accounted {
        } else if DROPS_A_PUT.get() {
            count(&self.tally.with_putter);
        } else {
            count(&self.tally.dropped);
        }
    }
}

thread_local! {
    static DROPS_A_PUT: Cell<bool> = const { Cell::new(false) };
}

/// A put that may be cancelled: its value, if it still has that, counts as dropped with its putter.
pub(crate) struct Putting<F>(Option<Pin<Box<F>>>);

pub(crate) fn putting<F: Future>(put: F) -> Putting<F> {
    Putting(Some(Box::pin(put)))
}

impl<F: Future> Future for Putting<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let put = self.0.as_mut().expect("until it is dropped");
        put.as_mut().poll(cx)
    }
}

impl<F> Drop for Putting<F> {
    fn drop(&mut self) {
        DROPS_A_PUT.set(true);
        self.0 = None;
        DROPS_A_PUT.set(false);
    }
}
