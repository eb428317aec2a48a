//! Waking: the one policy for wakers that panic.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Wake, Waker};

/// Wakes another task. If the waker panics, the panic goes no further: the panic hook has reported it.
///
/// A waker belongs to the executor of the waiting task, and what wakes it is another party: a put, a delivery, an action, a
/// drop. Those have done what they were asked for by then, and have no use for that panic. It would keep the other waiters
/// asleep, take a task down that has nothing to do with it, or end the process, if the wake-up came from a drop while the
/// thread unwinds. So `deliver`, `put` and `close` return as if the waker had worked, and only those who wait through that
/// waker may not learn of it.
///
/// Not for a future that wakes itself while it is polled: there the panic of the waker is its own, and goes on in it. A
/// waker that wakes another one leaves such a panic to its own caller.
pub(crate) fn wake(waker: Waker) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
        swallow(payload);
    }
}

/// [Wakes](wake) each of them, whatever the others do.
pub(crate) fn wake_all(waiters: impl IntoIterator<Item = Waker>) {
    waiters.into_iter().for_each(wake);
}

/// A waker that [wakes](wake) this one: for async-task, which ends the process when the waker of a task's awaiter panics.
pub(crate) fn contained(waker: &Waker) -> Waker {
    struct Contained(Waker);
    impl Wake for Contained {
        fn wake(self: Arc<Self>) {
            wake(self.0.clone());
        }
    }
    Waker::from(Arc::new(Contained(waker.clone())))
}

/// Drops the payload of a panic that goes no further, even if that panics.
#[cold]
pub(crate) fn swallow(payload: Box<dyn Any + Send>) {
    // A payload whose drop panics gives another payload, which is not tried.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(second);
    }
}

/// A waker that counts, for unit tests.
#[cfg(test)]
pub(crate) mod counting {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    #[derive(Default)]
    pub(crate) struct Count(AtomicUsize);

    impl Count {
        /// Returns how often it was woken.
        pub(crate) fn woken(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub(crate) fn counting() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count::default());
        (Arc::clone(&count), Waker::from(count))
    }
}

#[cfg(test)]
mod tests {
    use super::counting::counting;
    use super::*;
    use std::panic::{panic_any, resume_unwind};

    struct Bomb;

    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            resume_unwind(Box::new(Payload));
        }
    }

    struct Payload;

    impl Drop for Payload {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic_any(Payload);
            }
        }
    }

    #[test]
    fn all_are_woken_though_some_panic() {
        let (count, counts) = counting();
        let wakers = (0..6).map(|number| {
            if number % 2 == 0 {
                Waker::from(Arc::new(Bomb))
            } else {
                counts.clone()
            }
        });
        wake_all(wakers);
        assert_eq!(count.woken(), 3);
    }

    #[test]
    fn a_waker_that_panics_does_no_harm_while_the_thread_unwinds() {
        struct WakesOnDrop;
        impl Drop for WakesOnDrop {
            fn drop(&mut self) {
                wake(Waker::from(Arc::new(Bomb)));
            }
        }
        let unwound = catch_unwind(|| {
            let _wakes = WakesOnDrop;
            resume_unwind(Box::new("the first"));
        });
        let first = unwound.unwrap_err();
        assert_eq!(first.downcast_ref(), Some(&"the first"));
    }
}
