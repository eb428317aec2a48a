//! Values that cancelled takers handed back. Few channels ever have one, so each pays for a pointer only.

use std::collections::VecDeque;

/// With their numbers, in the order of those.
#[allow(clippy::box_collection, reason = "8 bytes of each channel for 32")]
pub(super) struct Returned<T>(Option<Box<VecDeque<(u64, T)>>>);

impl<T> Returned<T> {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |values| values.len())
    }

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        let values = self.0.as_mut()?;
        let first = values.pop_front();
        if values.is_empty() {
            self.0 = None;
        }
        first
    }

    /// Adds a value before all that were numbered after it.
    #[cold]
    pub(super) fn insert(&mut self, order: u64, value: T) {
        let values = self.0.get_or_insert_default();
        let place = values.partition_point(|(other, _)| *other < order);
        values.insert(place, (order, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_in_the_order_of_their_numbers_and_leave_nothing() {
        let mut returned = Returned::new();
        for order in [3, 1, 4, 2] {
            returned.insert(order, order * 10);
        }
        assert_eq!((returned.len(), returned.is_empty()), (4, false));
        let all: Vec<_> = std::iter::from_fn(|| returned.pop()).collect();
        assert_eq!(all, [(1, 10), (2, 20), (3, 30), (4, 40)]);
        assert!(returned.is_empty());
    }
}
