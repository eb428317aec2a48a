//! Who waits for a promise: mostly one, for whom nothing is allocated.

use std::task::Waker;

use slab::Slab;

use crate::runtime::wake::{wake, wake_all};

/// The wakers of those who wait. Each is removed by its owner, or all of them at once by the answer.
pub(super) struct Waiters {
    first: Option<Waker>,
    others: Option<Box<Slab<Waker>>>,
}

/// Where a waiter is in [`Waiters`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(usize);

impl Key {
    /// Does not wait.
    pub(super) const NONE: Self = Self(usize::MAX);
    /// Has taken the value: nothing of the promise is left to be looked after.
    pub(super) const TAKEN: Self = Self(usize::MAX - 1);
    const FIRST: Self = Self(usize::MAX - 2);

    pub(super) fn is_waiting(self) -> bool {
        self != Self::NONE && self != Self::TAKEN
    }
}

impl Waiters {
    pub(super) const fn new() -> Self {
        Self {
            first: None,
            others: None,
        }
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut Waker> {
        match key {
            Key::NONE | Key::TAKEN => None,
            Key::FIRST => self.first.as_mut(),
            Key(other) => self.others.as_mut()?.get_mut(other),
        }
    }

    pub(super) fn insert(&mut self, waker: Waker) -> Key {
        if self.first.is_none() {
            self.first = Some(waker);
            return Key::FIRST;
        }
        Key(self.others.get_or_insert_default().insert(waker))
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<Waker> {
        match key {
            Key::NONE | Key::TAKEN => None,
            Key::FIRST => self.first.take(),
            Key(other) => self.others.as_mut()?.try_remove(other),
        }
    }

    /// Wakes them all, whatever their wakers do.
    pub(super) fn wake(self) {
        if let Some(first) = self.first {
            wake(first);
        }
        if let Some(others) = self.others {
            wake_all(others.into_iter().map(|(_, waker)| waker));
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.as_ref().map_or(0, |others| others.len())
    }
}
