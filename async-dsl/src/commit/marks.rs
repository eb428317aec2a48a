//! Which arms of a kept choice its owner has to look at before it may park: those that have changed since its last look.

use crate::runtime::sync::atomic::{AtomicU64, Ordering};

/// A mark for each arm. They say what to look at, not what was found there: that is said by the lock of the arm's channel,
/// under which a mark is changed, unless the arm is in no line.
#[derive(Debug)]
pub(crate) struct Marks(Box<[AtomicU64]>);

/// The word of an arm's mark, and its bit in there.
const fn place(arm: u32) -> (usize, u64) {
    ((arm / u64::BITS) as usize, 1 << (arm % u64::BITS))
}

impl Marks {
    /// No arms. Nothing is allocated.
    pub(crate) fn none() -> Self {
        Self(Box::default())
    }

    /// So many arms, all of them marked.
    pub(crate) fn all(arms: u32) -> Self {
        let words = (0..arms.div_ceil(u64::BITS)).map(|word| {
            let bits = arms - word * u64::BITS;
            let none_above = 1_u64.checked_shl(bits).map_or(u64::MAX, |bit| bit - 1);
            AtomicU64::new(none_above)
        });
        Self(words.collect())
    }

    /// Marks an arm, or takes its mark away. One that there is not stays so.
    #[inline]
    pub(crate) fn set(&self, arm: u32, marked: bool) {
        let (word, bit) = place(arm);
        let Some(word) = self.0.get(word) else { return };
        // This bit is changed by nobody else meanwhile, but others of the word may be.
        if (word.load(Ordering::Relaxed) & bit != 0) == marked {
            return;
        }
        if marked {
            word.fetch_or(bit, Ordering::Relaxed);
        } else {
            word.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    /// Returns the first arm from `from` on that is marked.
    #[inline]
    pub(crate) fn next(&self, from: u32) -> Option<u32> {
        let (first, bit) = place(from);
        let mut mask = !(bit - 1);
        for (index, word) in self.0.iter().enumerate().skip(first) {
            let bits = word.load(Ordering::Relaxed) & mask;
            if bits != 0 {
                let before = u32::try_from(index).ok()? * u64::BITS;
                return Some(before + bits.trailing_zeros());
            }
            mask = u64::MAX;
        }
        None
    }
}

#[cfg(all(test, not(async_dsl_loom), not(async_dsl_shuttle)))]
mod tests {
    use super::*;

    fn marked(marks: &Marks) -> Vec<u32> {
        std::iter::successors(marks.next(0), |arm| marks.next(arm + 1)).collect()
    }

    #[test]
    fn marks_are_found_in_order() {
        for arms in [0, 1, 63, 64, 65, 128, 200] {
            let marks = Marks::all(arms);
            assert!(marked(&marks).into_iter().eq(0..arms));
            for arm in 0..arms {
                marks.set(arm, false);
            }
            assert_eq!(marks.next(0), None);
            let some: Vec<_> = (0..arms).step_by(31).collect();
            for arm in &some {
                marks.set(*arm, true);
                marks.set(*arm, true);
            }
            assert_eq!(marked(&marks), some);
        }
    }

    #[test]
    fn without_arms_there_are_no_marks() {
        let marks = Marks::none();
        marks.set(3, true);
        assert_eq!(marks.next(0), None);
    }
}
