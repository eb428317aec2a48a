//! A lock around what tasks share, of which a search through all schedules knows only that it is touched: each touch may matter
//! to each other.

use super::object::Object;
use super::sync::{self, Mutex, MutexGuard};

/// A value behind a lock. It costs nothing where no schedule is explored.
#[derive(Debug)]
pub(crate) struct Noted<T> {
    object: Object,
    value: Mutex<T>,
}

impl<T> Noted<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            object: Object::new(),
            value: Mutex::new(value),
        }
    }
}

impl<T> Noted<T> {
    /// The running step looks at what is known of the value without the lock.
    #[inline]
    pub(crate) fn touch(&self) {
        self.object.touch();
    }
}

impl<T: Default> Default for Noted<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// As [`sync::lock`].
pub(crate) fn lock<T>(noted: &Noted<T>) -> MutexGuard<'_, T> {
    noted.object.touch();
    sync::lock(&noted.value)
}
