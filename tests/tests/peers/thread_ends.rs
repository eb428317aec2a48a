//! Channels and tasks used while a thread ends and its locals are destroyed. After crossbeam-channel's `thread_locals`.

use std::cell::RefCell;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use async_dsl::chan::TryTakeError;
use async_dsl::prelude::*;

/// Runs the closure as one of the thread's locals is destroyed: one made before the library was first used on the thread
/// by `uses`, or after, since they are destroyed in some order. Says how often it ran to its end.
fn as_a_thread_ends(uses: fn(), last: fn()) -> usize {
    struct Last(fn(), Arc<AtomicUsize>);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0();
            self.1.fetch_add(1, SeqCst);
        }
    }
    thread_local! { static LAST: RefCell<Option<Last>> = const { RefCell::new(None) }; }
    let ran = Arc::new(AtomicUsize::new(0));
    for first in [true, false] {
        let local = Last(last, Arc::clone(&ran));
        let thread = thread::spawn(move || {
            if !first {
                uses();
            }
            LAST.with_borrow_mut(|last| *last = Some(local));
            if first {
                uses();
            }
        });
        thread.join().unwrap();
    }
    ran.load(SeqCst)
}

fn uses_a_channel() {
    let c = chan();
    async_dsl::block_on(c.put(0)).unwrap();
    assert_eq!(async_dsl::block_on(c.take()), Some(0));
}

#[test]
fn a_channel_is_used_as_a_thread_ends() {
    let ran = as_a_thread_ends(uses_a_channel, || {
        let c = chan();
        c.try_put(1).unwrap();
        assert_eq!(c.take_blocking(), Some(1));
        assert_eq!(c.try_take(), Err(TryTakeError::Empty));
        // One that waits, which needs what the thread waits with.
        let other = c.clone();
        let putter = thread::spawn(move || {
            while other.waiting() == chan::Waiting::default() {
                thread::yield_now();
            }
            other.try_put(2).unwrap();
        });
        assert_eq!(c.take_blocking(), Some(2));
        putter.join().unwrap();
    });
    assert_eq!(ran, 2);
}

#[test]
fn a_task_is_started_and_waited_for_as_a_thread_ends() {
    let ran = as_a_thread_ends(uses_a_channel, || {
        let (resolver, answer) = promise();
        go!({
            sleep!(5ms);
            resolver.deliver(7);
        });
        assert_eq!(answer.wait_blocking().unwrap(), 7);
    });
    assert_eq!(ran, 2);
}

/// Re-run by the test below in a process of its own, which it may abort.
#[test]
#[ignore = "a part of another test"]
fn part_block_on_as_a_thread_ends() {
    let ran = as_a_thread_ends(uses_a_channel, || {
        assert_eq!(async_dsl::block_on(async { 7 }), 7);
    });
    println!("ran {ran} times");
}

/// `block_on` needs a thread local of `async-io`, which may be gone by then. The blocking twins above need none.
#[test]
fn block_on_as_a_thread_ends_works_or_says_at_once_that_it_cannot() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["thread_ends::part_block_on_as_a_thread_ends"])
        .args(["--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        printed.contains("ran 2 times") || errors.contains("Thread Local Storage"),
        "{printed}{errors}"
    );
}
