//! What a worker's part of the run queue consists of: two queues that their owner pushes to and pops from without a lock, and
//! everybody else steals from, and a slot for one item.
//!
//! They are crossbeam's: the deque of Chase and Lev ("Dynamic circular work-stealing deque", 2005) with the orderings of Lê,
//! Pop, Cohen and Zappa Nardelli ("Correct and efficient work-stealing for weak memory models", 2013). Loom and shuttle could
//! not follow these: where they check, the same behind a lock stands in their place.

#[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
mod chosen {
    use std::fmt;

    use crossbeam_deque::{Steal, Stealer, Worker};
    use crossbeam_utils::atomic::AtomicCell;

    /// The owner's end.
    #[derive(Debug)]
    pub(crate) struct Own<T>(Worker<T>);

    /// The end of all others.
    #[derive(Debug)]
    pub(crate) struct Others<T>(Stealer<T>);

    /// Returns both ends of a queue whose owner pops the item that it pushed first, or, if `newest`, the one it pushed last.
    pub(crate) fn deque<T>(newest: bool) -> (Own<T>, Others<T>) {
        let own = if newest {
            Worker::new_lifo()
        } else {
            Worker::new_fifo()
        };
        let others = Others(own.stealer());
        (Own(own), others)
    }

    impl<T> Own<T> {
        #[inline]
        pub(crate) fn push(&self, item: T) {
            self.0.push(item);
        }

        #[inline]
        pub(crate) fn pop(&self) -> Option<T> {
            self.0.pop()
        }
    }

    impl<T> Others<T> {
        /// How many items are in it: exact for the owner while nobody steals.
        #[inline]
        pub(crate) fn len(&self) -> usize {
            self.0.len()
        }

        /// Takes the oldest item.
        pub(crate) fn steal(&self) -> Option<T> {
            loop {
                match self.0.steal() {
                    Steal::Success(item) => return Some(item),
                    Steal::Empty => return None,
                    Steal::Retry => {}
                }
            }
        }

        /// Takes the older half, pushes it to `own`, and returns one of it.
        pub(crate) fn steal_half(&self, own: &Own<T>) -> Option<T> {
            loop {
                match self.0.steal_batch_and_pop(&own.0) {
                    Steal::Success(item) => return Some(item),
                    Steal::Empty => return None,
                    Steal::Retry => {}
                }
            }
        }
    }

    /// Holds one item, or none.
    pub(crate) struct Slot<T>(AtomicCell<Option<T>>);

    impl<T> fmt::Debug for Slot<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Slot").finish_non_exhaustive()
        }
    }

    impl<T> Slot<T> {
        pub(crate) const fn new() -> Self {
            Self(AtomicCell::new(None))
        }

        #[inline]
        pub(crate) fn swap(&self, item: Option<T>) -> Option<T> {
            self.0.swap(item)
        }
    }
}

#[cfg(any(async_dsl_loom, async_dsl_shuttle))]
mod chosen {
    use std::collections::VecDeque;

    use crate::runtime::sync::{Arc, Mutex, lock};

    #[derive(Debug)]
    pub(crate) struct Own<T> {
        items: Arc<Mutex<VecDeque<T>>>,
        newest: bool,
    }

    #[derive(Debug)]
    pub(crate) struct Others<T>(Arc<Mutex<VecDeque<T>>>);

    pub(crate) fn deque<T>(newest: bool) -> (Own<T>, Others<T>) {
        let items = Arc::new(Mutex::new(VecDeque::new()));
        let others = Others(Arc::clone(&items));
        (Own { items, newest }, others)
    }

    impl<T> Own<T> {
        pub(crate) fn push(&self, item: T) {
            lock(&self.items).push_back(item);
        }

        pub(crate) fn pop(&self) -> Option<T> {
            let mut items = lock(&self.items);
            if self.newest {
                items.pop_back()
            } else {
                items.pop_front()
            }
        }
    }

    impl<T> Others<T> {
        pub(crate) fn len(&self) -> usize {
            lock(&self.0).len()
        }

        pub(crate) fn steal(&self) -> Option<T> {
            lock(&self.0).pop_front()
        }

        pub(crate) fn steal_half(&self, own: &Own<T>) -> Option<T> {
            let mut half = {
                let mut items = lock(&self.0);
                let count = items.len().div_ceil(2);
                items.drain(..count).collect::<VecDeque<T>>()
            };
            let one = if own.newest {
                half.pop_back()
            } else {
                half.pop_front()
            };
            lock(&own.items).append(&mut half);
            one
        }
    }

    #[derive(Debug)]
    pub(crate) struct Slot<T>(Mutex<Option<T>>);

    impl<T> Slot<T> {
        pub(crate) fn new() -> Self {
            Self(Mutex::new(None))
        }

        pub(crate) fn swap(&self, item: Option<T>) -> Option<T> {
            std::mem::replace(&mut lock(&self.0), item)
        }
    }
}

#[cfg(all(test, not(any(async_dsl_loom, async_dsl_shuttle))))]
mod tests {
    use crossbeam_utils::atomic::AtomicCell;

    use crate::runtime::handle::Runnable;

    #[test]
    fn the_slot_needs_no_lock() {
        assert!(AtomicCell::<Option<Runnable>>::is_lock_free());
    }
}

pub(crate) use chosen::{Others, Own, Slot, deque};
