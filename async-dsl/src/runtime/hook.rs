//! Hooks: closures of the user's that are called for events of the whole process.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

type Told<E> = Arc<dyn Fn(&E) + Send + Sync>;

/// A hook, if one was set.
pub(crate) struct Hook<E>(RwLock<Option<Told<E>>>);

impl<E> Hook<E> {
    pub(crate) const fn new() -> Self {
        Self(RwLock::new(None))
    }

    /// Sets the hook. An earlier one is dropped, under no lock.
    pub(crate) fn set(&self, hook: impl Fn(&E) + Send + Sync + 'static) {
        let hook: Told<E> = Arc::new(hook);
        let old = self
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(hook);
        drop(old);
    }

    /// Returns the hook, to be called under no lock: it may set another.
    pub(crate) fn get(&self) -> Option<Told<E>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl<E> fmt::Debug for Hook<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook")
            .field("set", &self.get().is_some())
            .finish()
    }
}
