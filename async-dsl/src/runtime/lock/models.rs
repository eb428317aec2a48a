//! The lock against threads, in every interleaving of a model; and against real ones.

use super::Lock;

#[cfg(async_dsl_loom)]
mod in_every_interleaving {
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    use super::Lock;
    use crate::runtime::sync::model;

    /// Loom reports two threads that are in the cell at once, and one that enters it without what the last one did.
    fn add(cell: &UnsafeCell<u32>) {
        #[allow(unsafe_code, reason = "loom's cell, which checks the access")]
        // SAFETY: loom fails the model if another thread is in the cell.
        cell.with_mut(|value| unsafe { *value += 1 });
    }

    fn value(cell: &UnsafeCell<u32>) -> u32 {
        #[allow(unsafe_code, reason = "loom's cell, which checks the access")]
        // SAFETY: as in `add`.
        cell.with(|value| unsafe { *value })
    }

    #[test]
    fn one_thread_at_a_time_has_the_value() {
        model(3, || {
            let lock = Arc::new(Lock::new(UnsafeCell::new(0)));
            let other = Arc::clone(&lock);
            let thread = thread::spawn(move || {
                add(&other.lock());
                add(&other.lock());
            });
            add(&lock.lock());
            thread.join().unwrap();
            assert_eq!(value(&lock.lock()), 3);
        });
    }

    /// Fails if an attempt in vain unlocks what another thread holds.
    #[test]
    fn who_does_not_get_it_leaves_it_locked() {
        model(3, || {
            let lock = Arc::new(Lock::new(UnsafeCell::new(0)));
            let others = [0, 1].map(|_| {
                let other = Arc::clone(&lock);
                thread::spawn(move || {
                    other.try_lock().is_some_and(|cell| {
                        add(&cell);
                        true
                    })
                })
            });
            add(&lock.lock());
            let got = others.map(|other| u32::from(other.join().unwrap()));
            assert_eq!(value(&lock.lock()), 1 + got[0] + got[1]);
        });
    }
}

#[cfg(not(async_dsl_loom))]
mod with_real_threads {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::Lock;

    #[test]
    fn one_thread_at_a_time_has_the_value() {
        const ROUNDS: usize = 100_000;
        let lock = Lock::new(0_usize);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..ROUNDS).for_each(|_| *lock.lock() += 1));
            }
        });
        assert_eq!(*lock.lock(), 4 * ROUNDS);
    }

    #[test]
    fn it_is_unlocked_by_a_panic_and_nothing_else_unlocks_it() {
        let lock = Lock::new(1);
        let panic = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.lock();
            panic!("while it is locked");
        }));
        assert!(panic.is_err());
        let guard = lock.try_lock().expect("it was unlocked");
        assert!(lock.try_lock().is_none());
        assert!(lock.try_lock().is_none());
        assert_eq!(*guard, 1);
    }
}
