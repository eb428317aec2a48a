//! Old names of the types here, for programs that still use them. All of this goes away with 0.1.

use super::{TryPutError, TryTakeError, Waiting};

/// The old name of [`TryPutError`].
#[deprecated(note = "renamed to `TryPutError`; this name goes away with 0.1")]
pub type TryPut<T> = TryPutError<T>;

/// The old name of [`TryTakeError`].
#[deprecated(note = "renamed to `TryTakeError`; this name goes away with 0.1")]
pub type TryTake = TryTakeError;

/// Compares with what `waiting()` returned before there was a [`Waiting`]: takers first, then putters. It goes away with
/// 0.1; compare the fields.
impl PartialEq<(usize, usize)> for Waiting {
    fn eq(&self, &(takers, putters): &(usize, usize)) -> bool {
        *self == Self { putters, takers }
    }
}
