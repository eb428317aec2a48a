//! Schedulers: the global one and those driven by hand.

pub(crate) mod budget;
pub(crate) mod context;

/// A number in `0..bound`, drawn from the current scheduler's random source. `bound` is not 0.
pub(crate) fn random_below(bound: usize) -> usize {
    fastrand::usize(..bound)
}
