//! The watchers of an agent's state.

use std::mem;

use crate::chan::{Putter, Taker, sliding};
use crate::runtime::noted::{Noted, lock};
use crate::runtime::sync::Arc;

/// A channel for each watcher. The list is replaced, never changed, so that it can be walked without the lock.
pub(super) struct Watchers<S>(Noted<Arc<Vec<Putter<S>>>>);

impl<S> Default for Watchers<S> {
    fn default() -> Self {
        Self(Noted::new(Arc::default()))
    }
}

impl<S> Watchers<S> {
    #[track_caller]
    pub(super) fn add(&self) -> Taker<S>
    where
        S: Send + 'static,
    {
        let (putter, taker) = sliding(1).split();
        self.replace(|list| list.iter().cloned().chain([putter]).collect());
        taker
    }

    /// Puts `state` into the channels that are still open.
    pub(super) fn show(&self, state: &S)
    where
        S: Clone,
    {
        let list = Arc::clone(&lock(&self.0));
        let mut some_left = false;
        for putter in list.iter() {
            // A full channel replaces its old state, so only a closed one refuses.
            if putter.is_closed() || putter.try_put(state.clone()).is_err() {
                some_left = true;
            }
        }
        if some_left {
            self.replace(|list| {
                list.iter()
                    .filter(|putter| !putter.is_closed())
                    .cloned()
                    .collect()
            });
        }
    }

    fn replace(&self, new: impl FnOnce(&[Putter<S>]) -> Vec<Putter<S>>) {
        let mut list = lock(&self.0);
        let new = Arc::new(new(&list));
        let old = mem::replace(&mut *list, new);
        drop(list);
        drop(old);
    }
}
