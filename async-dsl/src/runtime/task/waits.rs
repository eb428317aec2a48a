//! Several waits for one task by reference: the task knows one waker, which wakes them all.

use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use slab::Slab;

use crate::runtime::sync::runtime::{Mutex, lock};
use crate::runtime::wake::wake_all;

/// Who waits for a task by reference.
#[derive(Default)]
pub(crate) struct Waits {
    /// A place is a wait that is not dropped yet; it is empty from a wake-up to the next poll.
    wakers: Mutex<Slab<Option<Waker>>>,
}

impl Waits {
    /// Makes the waker of `cx` the one of this wait.
    pub(crate) fn register(&self, place: &mut Option<usize>, cx: &Context<'_>) {
        let is_known = |waker: &Option<Waker>| {
            waker
                .as_ref()
                .is_some_and(|known| known.will_wake(cx.waker()))
        };
        let known = place.is_some_and(|place| lock(&self.wakers).get(place).is_some_and(is_known));
        if known {
            return;
        }
        let fresh = Some(cx.waker().clone());
        let mut wakers = lock(&self.wakers);
        let mut old = None;
        if let Some(waker) = place.and_then(|place| wakers.get_mut(place)) {
            old = std::mem::replace(waker, fresh);
        } else {
            *place = Some(wakers.insert(fresh));
        }
        drop(wakers);
        drop(old);
    }

    /// Ends a wait.
    pub(crate) fn leave(&self, place: &mut Option<usize>) {
        if let Some(place) = place.take() {
            // Two statements: the lock is released before the waker is dropped.
            let waker = lock(&self.wakers).try_remove(place);
            drop(waker);
        }
    }
}

impl Wake for Waits {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let woken: Vec<Waker> = lock(&self.wakers)
            .iter_mut()
            .filter_map(|(_, waker)| waker.take())
            .collect();
        wake_all(woken);
    }
}
