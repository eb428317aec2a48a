//! Time limits: [`Elapsed`], the error of an operation that took too long.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// The error of an operation that was not done in the time it was given.
///
/// # Examples
///
/// ```
/// use async_dsl::ops::timeout::Elapsed;
/// use std::time::Duration;
///
/// fn patience(error: Elapsed) -> Duration {
///     error.limit() * 2
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Elapsed {
    limit: Duration,
}

impl Elapsed {
    pub(crate) fn after(limit: Duration) -> Self {
        Self { limit }
    }

    /// The time that was given and was not enough.
    pub fn limit(&self) -> Duration {
        self.limit
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not done within {:?}", self.limit)
    }
}

impl Error for Elapsed {}
pub struct Timeout<F>(F, crate::time::Sleep, Duration);
pub fn timeout<F>(d: Duration, f: F) -> Timeout<F> {
    Timeout(f, crate::time::sleep(d), d)
}
