//! A thread that waits for something of its own, and works meanwhile: for what it has woken itself, no more.
//!
//! So a thread and a task that talk to each other take turns on that thread, and none of them need wake another thread. What
//! other workers have it leaves to them: it is to be ready when what it waits for is. A guest is not woken for what is ready,
//! and sleeps only with an empty part.

use std::rc::Rc;

use super::{Item, Local, Next, RunQueue};
use crate::runtime::sync::lock;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Guest<'a, T: Item> {
    queue: &'a RunQueue<T>,
    local: Option<Rc<Local<T>>>,
}

impl<T: Item> RunQueue<T> {
    /// A place for one more guest, if there is one. It is awake.
    pub(crate) fn guest(&self) -> Option<Guest<'_, T>> {
        let mut state = lock(&self.state);
        let local = Rc::new(state.spare_of_guests.pop()?);
        state.workers += 1;
        Some(Guest {
            queue: self,
            local: Some(local),
        })
    }
}

impl<T: Item> Guest<'_, T> {
    /// Its part, to be lent to the thread.
    pub(crate) fn local(&self) -> Option<Rc<Local<T>>> {
        self.local.clone()
    }

    /// The next item of its part. Unless it `starts` tasks, it leaves those that have not begun to the workers.
    pub(crate) fn next(&self, starts: bool) -> Next<T> {
        let Some(local) = &self.local else {
            return Next::Empty;
        };
        if self.queue.is_stopped() {
            local.discard_all();
            return Next::Stopped;
        }
        if !starts {
            while let Some(item) = local.pop_started() {
                self.queue.push(item);
            }
        }
        local.pop().map_or(Next::Empty, Next::Run)
    }

    /// It has found nothing, and is about to sleep, or it is awake again.
    pub(crate) fn sleeps(&self, sleeps: bool) {
        let local = self.local.as_ref();
        if local.is_some_and(|local| local.sleeps(sleeps)) {
            let mut state = lock(&self.queue.state);
            if sleeps {
                state.workers -= 1;
            } else {
                state.workers += 1;
            }
        }
    }
}

impl<T: Item> Drop for Guest<'_, T> {
    fn drop(&mut self) {
        self.sleeps(true);
        let local = self.local.take().and_then(Rc::into_inner);
        debug_assert!(local.is_some(), "the thread has its part no more");
        let (wake, stopped) = {
            let mut state = lock(&self.queue.state);
            if let Some(local) = local {
                local.sleeps(false);
                state.take_all_of(&local);
                state.spare_of_guests.push(local);
            }
            let wake = state.wake_one();
            self.queue.publish(&state);
            (wake, state.is_stopped())
        };
        if let Some(waker) = wake {
            waker.wake();
        }
        if stopped {
            self.queue.discard();
        }
    }
}
