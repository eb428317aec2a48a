//! The order in which arms are tried.

use crate::runtime::running::random_below;

/// Up to this many arms need no allocation.
const INLINE: usize = 16;

/// The numbers below a bound, each once: in order, or shuffled lazily.
pub(super) struct Order {
    inline: [u8; INLINE],
    many: Vec<usize>,
    next: usize,
    len: usize,
    biased: bool,
}

impl Order {
    pub(super) fn new(len: usize, biased: bool) -> Self {
        let mut order = Self {
            inline: [0; INLINE],
            many: Vec::new(),
            next: 0,
            len,
            biased,
        };
        if !biased && len > INLINE {
            order.many = (0..len).collect();
        } else {
            for (place, number) in order.inline.iter_mut().zip(0u8..) {
                *place = number;
            }
        }
        order
    }
}

impl Iterator for Order {
    type Item = usize;

    /// One step of the Fisher–Yates shuffle, so that every order is equally likely.
    fn next(&mut self) -> Option<usize> {
        let here = self.next;
        if here == self.len {
            return None;
        }
        self.next += 1;
        if self.biased {
            return Some(here);
        }
        let there = if self.len - here > 1 {
            here + random_below(self.len - here)
        } else {
            here
        };
        if self.many.is_empty() {
            self.inline.swap(here, there);
            Some(usize::from(self.inline[here]))
        } else {
            self.many.swap(here, there);
            Some(self.many[here])
        }
    }
}

#[cfg(all(test, not(async_dsl_loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        for len in [0, 1, 2, INLINE, INLINE + 1, 100] {
            for biased in [true, false] {
                let mut all: Vec<_> = Order::new(len, biased).collect();
                if !biased {
                    all.sort_unstable();
                }
                assert!(all.into_iter().eq(0..len));
            }
        }
    }
}
