//! The watchers of an agent's state.

use std::mem;

use crate::chan::{Putter, Taker, sliding};
use crate::runtime::noted::{Noted, lock};
use crate::runtime::sync::Arc;
use crate::runtime::sync::atomic::{AtomicBool, Ordering};

/// A channel for each watcher. The list is replaced, never changed, so that it can be walked without the lock.
pub(super) struct Watchers<S> {
    list: Noted<Arc<Vec<Putter<S>>>>,
    /// Whether the list has any: most agents have none, and ask this after each action.
    any: AtomicBool,
}

impl<S> Default for Watchers<S> {
    fn default() -> Self {
        Self {
            list: Noted::new(Arc::default()),
            any: AtomicBool::new(false),
        }
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

    /// Whether there may be any. Who was added before an action was sent is seen after it: the queue's lock is between.
    pub(super) fn any(&self) -> bool {
        self.list.touch();
        self.any.load(Ordering::Acquire)
    }

    /// Puts `state` into the channels that are still open.
    pub(super) fn show(&self, state: &S)
    where
        S: Clone,
    {
        let list = Arc::clone(&lock(&self.list));
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
        let mut list = lock(&self.list);
        let new = Arc::new(new(&list));
        self.any.store(!new.is_empty(), Ordering::Release);
        let old = mem::replace(&mut *list, new);
        drop(list);
        drop(old);
    }
}
