//! Memory that tasks share, declared to a search through all schedules.

use std::any::type_name;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard};

use crate::runtime::explore::access::{Form, Kind};
use crate::runtime::object::{Object, touch_memory};
use crate::runtime::sync::lock_std;

/// Declares that the running task reads or writes memory that it shares with others: to be called beside each such access.
///
/// A search through [all schedules](super::exhaustive) sees what goes through channels, promises, tasks and agents, and tries
/// two orders only where these tell them apart. Memory that tasks share by themselves (an `Arc<Mutex<…>>`, an atomic, a
/// thread-local) it does not see. `touch` says that there is some; all of one type `T` counts as one. A [`Cell`] does it by
/// itself, and more exactly.
///
/// It returns at once and is no place to switch at: between two words a task runs without interruption, here as everywhere in a
/// simulation. Outside of an exhaustive search it does nothing.
///
/// ```
/// use std::sync::Mutex;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use async_dsl::prelude::*;
/// use async_dsl::sim;
///
/// let program = |declares: bool| move || async_block!({
///     let count = Arc::new(AtomicU32::new(0));
///     let tasks = [1, 2].map(|_| go!(|count| {
///         if declares { sim::touch(&*count); }
///         let before = count.load(Ordering::Relaxed);
///         yield_now!();
///         if declares { sim::touch(&*count); }
///         count.store(before + 1, Ordering::Relaxed);
///     }));
///     for task in tasks {
///         task.await;
///     }
///     count.load(Ordering::Relaxed)
/// });
/// use std::sync::Arc;
/// let values = |declares| sim::outcomes(program(declares)).iter().map(|(n, _)| *n).collect::<Vec<_>>();
/// assert_eq!(values(true), [1, 2], "an update may be lost");
/// assert_eq!(values(false).len(), 1, "what it does not see it does not try");
/// ```
pub fn touch<T: ?Sized>(shared: &T) {
    let _ = shared;
    let mut hasher = DefaultHasher::new();
    type_name::<T>().hash(&mut hasher);
    // Any 32 bits of it.
    touch_memory(u32::try_from(hasher.finish() >> 32).unwrap_or_default());
}

/// A value that tasks share, in a test of [all schedules](super::exhaustive): it declares each access by itself, as [`touch`]
/// would, and tells reads from writes.
///
/// It never parks, and is no place to switch at. Outside of an exhaustive search it is a value behind a lock.
///
/// ```
/// use std::sync::Arc;
///
/// use async_dsl::prelude::*;
/// use async_dsl::sim;
///
/// let all = sim::outcomes(|| async_block!({
///     let count = Arc::new(sim::Cell::new(0));
///     let tasks = [1, 2].map(|_| go!(|count| {
///         let before = count.get();
///         yield_now!(); // the other may come between
///         count.set(before + 1);
///     }));
///     for task in tasks {
///         task.await;
///     }
///     count.get()
/// }));
/// assert_eq!(all.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 2]);
/// ```
pub struct Cell<T> {
    object: Object,
    value: Mutex<T>,
}

impl<T> Cell<T> {
    /// Returns a cell with this value.
    pub fn new(value: T) -> Self {
        Self {
            object: Object::memory(),
            value: Mutex::new(value),
        }
    }

    fn lock(&self, how: Kind) -> MutexGuard<'_, T> {
        self.object.note(how, || Form::Other);
        lock_std(&self.value)
    }

    /// Returns a clone of the value.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.lock(Kind::Looks).clone()
    }

    /// Sets the value.
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Sets the value, and returns the one before.
    pub fn replace(&self, value: T) -> T {
        std::mem::replace(&mut self.lock(Kind::Any), value)
    }

    /// Returns what `change` returns of the value. It is called while the value is locked, and must not come back to it.
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.lock(Kind::Any))
    }

    /// Returns the value.
    pub fn into_inner(self) -> T {
        let value = self.value.into_inner();
        value.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<T: Default> Default for Cell<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Cell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cell")
            .field(&*lock_std(&self.value))
            .finish()
    }
}
