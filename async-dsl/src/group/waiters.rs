//! Waiters in the order they came, each with what it waits for.

use std::collections::BTreeMap;
use std::task::Waker;

/// See the [module](self).
pub(super) struct Waiters<W> {
    places: BTreeMap<u64, (W, Option<Waker>)>,
    next: u64,
}

/// The place of one waiter, if it has one. Whoever owns it leaves the line with it.
#[derive(Debug, Default)]
pub(super) struct Place(Option<u64>);

impl Place {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    pub(super) const fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl<W> Waiters<W> {
    pub(super) const fn new() -> Self {
        Self {
            places: BTreeMap::new(),
            next: 0,
        }
    }

    /// Waits from now on, or with another waker. Returns the waker of before, to be dropped under no lock.
    pub(super) fn join(&mut self, place: &mut Place, wait: W, waker: Waker) -> Option<Waker> {
        let number = *place.0.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        let before = self.places.insert(number, (wait, Some(waker)));
        before.and_then(|(_, waker)| waker)
    }

    /// Waits no more. Returns the waker, to be dropped under no lock.
    pub(super) fn leave(&mut self, place: &mut Place) -> Option<Waker> {
        let place = self.places.remove(&place.0.take()?)?;
        place.1
    }

    /// Whether it is one of the first `count`; of a waiter without a place, whether it would be.
    pub(super) fn is_among(&self, place: &Place, count: usize) -> bool {
        match place.0 {
            None => self.places.len() < count,
            Some(number) => self.places.keys().take(count).any(|other| *other == number),
        }
    }

    /// Moves the wakers of the first `count` out, to be woken under no lock.
    pub(super) fn wake_first(&mut self, count: usize, wakers: &mut Vec<Waker>) {
        let first = self.places.values_mut().take(count);
        wakers.extend(first.filter_map(|(_, waker)| waker.take()));
    }

    /// The same of all whose wait is over.
    pub(super) fn wake_if(&mut self, is_over: impl Fn(&W) -> bool, wakers: &mut Vec<Waker>) {
        let over = self.places.values_mut().filter(|(wait, _)| is_over(wait));
        wakers.extend(over.filter_map(|(_, waker)| waker.take()));
    }
}
