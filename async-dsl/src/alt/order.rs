//! The order in which arms are tried.

use fastrand::Rng;

use crate::runtime::running::{random_below, random_seed, random_unless_scheduled};

/// Up to this many arms need no allocation.
const INLINE: usize = 128;

/// The numbers below [`INLINE`], to be copied at once.
const NUMBERS: [u8; INLINE] = {
    let mut numbers = [0; INLINE];
    let mut number: u8 = 0;
    while (number as usize) < INLINE {
        numbers[number as usize] = number;
        number += 1;
    }
    numbers
};

/// The numbers below a bound, each once: in order, or shuffled lazily.
pub(super) struct Order {
    inline: [u8; INLINE],
    many: Vec<usize>,
    next: usize,
    /// So many have their place for good.
    placed: usize,
    len: usize,
    draws: Draws,
}

/// Where the numbers come from that shuffle.
enum Draws {
    /// Nothing is shuffled.
    Biased,
    /// Nothing was drawn yet.
    Fresh,
    /// From a source of this order's own, for whose seed the scheduler was asked once.
    Seeded(Rng),
    /// Each number is a choice of a simulated schedule, which can be replayed and shrunk.
    Scheduled,
}

impl Order {
    #[inline]
    pub(super) fn new(len: usize, biased: bool) -> Self {
        let many = if biased || len <= INLINE {
            Vec::new()
        } else {
            (0..len).collect()
        };
        Self {
            inline: NUMBERS,
            many,
            next: 0,
            placed: 0,
            len,
            draws: if biased { Draws::Biased } else { Draws::Fresh },
        }
    }

    /// Begins again: in the same order, or in one of its own if each draw is a choice of a schedule.
    pub(super) fn again(&mut self) {
        match self.draws {
            Draws::Scheduled => *self = Self::new(self.len, false),
            _ => self.next = 0,
        }
    }

    /// Draws a number below `bound`, which is more than 1.
    fn draw(&mut self, bound: usize) -> usize {
        if let Draws::Fresh = self.draws {
            if bound == 2 {
                // The only draw there is.
                if let Some(number) = random_unless_scheduled(bound) {
                    return number;
                }
                self.draws = Draws::Scheduled;
            } else {
                self.draws = random_seed()
                    .map_or(Draws::Scheduled, |seed| Draws::Seeded(Rng::with_seed(seed)));
            }
        }
        match &mut self.draws {
            Draws::Seeded(rng) => rng.usize(..bound),
            _ => random_below(bound),
        }
    }
}

impl Iterator for Order {
    type Item = usize;

    /// One step of the Fisher–Yates shuffle, so that every order is equally likely.
    #[inline]
    fn next(&mut self) -> Option<usize> {
        let here = self.next;
        if here == self.len {
            return None;
        }
        self.next += 1;
        if let Draws::Biased = self.draws {
            return Some(here);
        }
        if here == self.placed {
            self.placed += 1;
            let left = self.len - here;
            let there = here + if left > 1 { self.draw(left) } else { 0 };
            if self.many.is_empty() {
                self.inline.swap(here, there);
            } else {
                self.many.swap(here, there);
            }
        }
        Some(match self.many.get(here) {
            Some(number) => *number,
            None => usize::from(self.inline[here]),
        })
    }
}

#[cfg(all(test, not(async_dsl_loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        for len in [0, 1, 2, 16, INLINE, INLINE + 1, 300] {
            for biased in [true, false] {
                let mut order = Order::new(len, biased);
                let mut all: Vec<_> = order.by_ref().collect();
                order.again();
                assert!(order.eq(all.iter().copied()));
                if !biased {
                    all.sort_unstable();
                }
                assert!(all.into_iter().eq(0..len));
            }
        }
    }

    #[test]
    fn an_order_that_begins_again_continues_where_it_was_not_drawn() {
        let mut order = Order::new(20, false);
        let some: Vec<_> = order.by_ref().take(5).collect();
        order.again();
        let mut all: Vec<_> = order.collect();
        assert_eq!(all[..5], some);
        all.sort_unstable();
        assert!(all.into_iter().eq(0..20));
    }

    #[test]
    fn every_order_is_equally_likely() {
        // Each count of 6 is binomial with p = 1/6; six standard deviations.
        let rounds = 12_000_u32;
        let mut counts = std::collections::BTreeMap::<Vec<usize>, u32>::new();
        for _ in 0..rounds {
            *counts.entry(Order::new(3, false).collect()).or_default() += 1;
        }
        let margin = 6.0 * (f64::from(rounds) * 5.0 / 36.0).sqrt();
        assert_eq!(counts.len(), 6);
        for count in counts.values() {
            assert!(
                (f64::from(*count) - f64::from(rounds) / 6.0).abs() < margin,
                "{counts:?}"
            );
        }
    }
}
