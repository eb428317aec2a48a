//! What an operation leaves to be done after the critical section.

use std::panic::Location;
use std::task::Waker;

use crate::commit::party::Party;
use crate::runtime::wake::wake;

/// Wakers to wake, values and parties to drop, a warning to log: foreign code, which must not run under the lock.
///
/// It runs on drop, so that it runs on every way out. Declare this before taking the lock.
pub(crate) struct Effects<T> {
    first: Option<Waker>,
    /// The party of this operation, if it does not wait, or no longer; dropping it may run a waker's code.
    unused: Option<Party>,
    /// What an operation seldom leaves; apart, so that an end without it is one check.
    rest: Option<Box<Rest<T>>>,
    made_at: &'static Location<'static>,
}

struct Rest<T> {
    wakers: Vec<Waker>,
    discards: Vec<T>,
    parties: Vec<Party>,
    warn: Option<usize>,
}

impl<T> Effects<T> {
    pub(crate) const fn new(made_at: &'static Location<'static>) -> Self {
        Self {
            first: None,
            unused: None,
            rest: None,
            made_at,
        }
    }

    #[cold]
    fn rest(&mut self) -> &mut Rest<T> {
        self.rest.get_or_insert_with(|| {
            Box::new(Rest {
                wakers: Vec::new(),
                discards: Vec::new(),
                parties: Vec::new(),
                warn: None,
            })
        })
    }

    pub(crate) fn wake(&mut self, waker: Option<Waker>) {
        match (&self.first, waker) {
            (_, None) => {}
            (None, waker) => self.first = waker,
            (Some(_), Some(waker)) => self.rest().wakers.push(waker),
        }
    }

    /// Keeps a party until the lock is released: that of this operation, and that of its waiter, if it ends with it.
    pub(crate) fn keep(&mut self, party: impl Into<Option<Party>>) {
        let Some(party) = party.into() else { return };
        if let Some(earlier) = self.unused.replace(party) {
            self.rest().parties.push(earlier);
        }
    }

    pub(crate) fn discard(&mut self, value: T) {
        self.rest().discards.push(value);
    }

    pub(crate) fn warn(&mut self, len: usize) {
        self.rest().warn = Some(len);
    }
}

impl<T> Drop for Effects<T> {
    fn drop(&mut self) {
        if let Some(waker) = self.first.take() {
            wake(waker);
        }
        if let Some(rest) = &mut self.rest {
            rest.happen(self.made_at);
        }
    }
}

impl<T> Rest<T> {
    #[cold]
    fn happen(&mut self, made_at: &'static Location<'static>) {
        self.wakers.drain(..).for_each(wake);
        if let Some(len) = self.warn {
            tracing::warn!(len, %made_at, "an unbounded channel grows: its takers do not keep up");
        }
    }
}
