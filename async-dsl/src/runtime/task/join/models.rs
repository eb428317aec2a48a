//! Waiting for a task and cancelling it, in every interleaving, with a mock in the place of async-task.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::future::block_on;
use loom::thread::{self, JoinHandle};

use super::*;
use crate::runtime::sync::model;

/// How the task ended. It counts itself when it is dropped.
struct Ended {
    cancelled: bool,
    dropped: Arc<AtomicUsize>,
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Shared {
    output: Option<Ended>,
    has_ended: bool,
    is_cancelled: bool,
    awaiter: Option<Waker>,
    /// Runs its next turn.
    turn: Option<Waker>,
}

/// The handle to a task, which has the atomics of async-task in one lock.
struct Mock {
    shared: Arc<Mutex<Shared>>,
    is_detached: bool,
}

impl Future for Mock {
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let waker = cx.waker().clone();
        let mut shared = lock(&self.shared);
        if let Some(output) = shared.output.take() {
            return Poll::Ready(output);
        }
        assert!(!shared.has_ended, "polled after its output was taken");
        let old = shared.awaiter.replace(waker);
        drop(shared);
        drop(old);
        Poll::Pending
    }
}

impl Started for Mock {
    fn has_ended(&self) -> bool {
        lock(&self.shared).has_ended
    }

    fn is_cancelled(&self) -> bool {
        lock(&self.shared).is_cancelled
    }

    fn cancel(&mut self) -> Option<Waker> {
        let mut shared = lock(&self.shared);
        shared.is_cancelled = true;
        shared.turn.take()
    }

    fn detach(mut self) {
        self.is_detached = true;
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let has_ended = lock(&self.shared).has_ended;
        assert!(has_ended || self.is_detached, "async-task would cancel it");
    }
}

/// A task that runs in a thread of its own.
struct Run {
    thread: JoinHandle<()>,
    dropped: Arc<AtomicUsize>,
}

impl Run {
    /// Starts one that ends in its first turn, or else when it is cancelled.
    fn start(ends: bool) -> (Owner<Mock>, Self) {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let owner = Owner::new(Mock {
            shared: Arc::clone(&shared),
            is_detached: false,
        });
        let dropped = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&dropped);
        let thread = thread::spawn(move || {
            block_on(poll_fn(|cx| turn(&shared, ends, &counts, cx.waker())));
        });
        (owner, Self { thread, dropped })
    }

    /// Waits for its end, and checks that it had one output.
    fn ends(self) {
        self.thread.join().unwrap();
        assert_eq!(self.dropped.load(Ordering::Relaxed), 1);
    }
}

fn turn(shared: &Mutex<Shared>, ends: bool, dropped: &Arc<AtomicUsize>, waker: &Waker) -> Poll<()> {
    let waker = waker.clone();
    let mut shared = lock(shared);
    if !ends && !shared.is_cancelled {
        let old = shared.turn.replace(waker);
        drop(shared);
        drop(old);
        return Poll::Pending;
    }
    shared.has_ended = true;
    shared.output = Some(Ended {
        cancelled: shared.is_cancelled,
        dropped: Arc::clone(dropped),
    });
    let awaiter = shared.awaiter.take();
    drop(shared);
    if let Some(waker) = awaiter {
        waker.wake();
    }
    Poll::Ready(())
}

/// Waits by reference. `None` where a user's wait would panic, since another one got the output.
fn by_reference(owner: &Owner<Mock>) -> Option<Ended> {
    let mut wait = owner.wait();
    block_on(poll_fn(|cx| poll_by_reference(owner, &mut wait, cx)))
}

fn poll_by_reference(
    owner: &Owner<Mock>,
    wait: &mut Wait,
    cx: &mut Context<'_>,
) -> Poll<Option<Ended>> {
    let mut is_taken = false;
    let polled = wait.poll(cx, |cx| {
        poll_unless_taken(owner, cx).unwrap_or_else(|| {
            is_taken = true;
            Poll::Pending
        })
    });
    if is_taken {
        Poll::Ready(None)
    } else {
        polled.map(Some)
    }
}

#[test]
fn one_of_two_waits_by_reference_gets_the_output() {
    model(2, || {
        let (owner, run) = Run::start(true);
        let owner = Arc::new(owner);
        let other = Arc::clone(&owner);
        let other = thread::spawn(move || by_reference(&other).is_some());
        let mine = by_reference(&owner).is_some();
        assert!(mine ^ other.join().unwrap());
        run.ends();
    });
}

#[test]
fn a_wait_that_is_given_up_leaves_the_output_to_the_other() {
    model(3, || {
        let (owner, run) = Run::start(true);
        let owner = Arc::new(owner);
        let other = Arc::clone(&owner);
        let gives_up = thread::spawn(move || {
            let mut wait = other.wait();
            let mut cx = Context::from_waker(Waker::noop());
            matches!(
                poll_by_reference(&other, &mut wait, &mut cx),
                Poll::Ready(Some(_))
            )
        });
        let mine = by_reference(&owner).is_some();
        assert!(mine ^ gives_up.join().unwrap());
        run.ends();
    });
}

#[test]
fn a_canceller_made_while_somebody_waits_ends_the_task() {
    model(3, || {
        let (owner, run) = Run::start(false);
        let owner = Arc::new(owner);
        let other = Arc::clone(&owner);
        let cancels = thread::spawn(move || other.canceller().cancel());
        assert!(by_reference(&owner).unwrap().cancelled);
        cancels.join().unwrap();
        run.ends();
    });
}

#[test]
fn two_waits_by_reference_and_a_canceller_end() {
    model(2, || {
        let (owner, run) = Run::start(false);
        let owner = Arc::new(owner);
        let other = Arc::clone(&owner);
        let other = thread::spawn(move || by_reference(&other).is_some());
        owner.canceller().cancel();
        let mine = by_reference(&owner).is_some();
        assert!(mine ^ other.join().unwrap());
        run.ends();
    });
}

#[test]
fn a_canceller_and_the_end_leave_one_output_to_the_wait_by_value() {
    for ends in [false, true] {
        model(3, move || {
            let (mut owner, run) = Run::start(ends);
            let canceller = owner.canceller();
            let cancels = thread::spawn(move || canceller.cancel());
            let line = std::panic::Location::caller();
            let output = block_on(poll_fn(|cx| owner.poll_own(cx, line)));
            assert!(ends || output.cancelled);
            drop(output);
            cancels.join().unwrap();
            run.ends();
        });
    }
}

#[test]
fn the_output_is_dropped_though_a_canceller_is_left() {
    for ends in [false, true] {
        model(3, move || {
            let (owner, run) = Run::start(ends);
            let canceller = owner.canceller();
            let drops = thread::spawn(move || drop(owner));
            if !ends {
                canceller.cancel();
            }
            drops.join().unwrap();
            run.ends();
            drop(canceller);
        });
    }
}

#[test]
fn the_handle_and_the_last_canceller_go_and_the_task_runs_on() {
    model(3, || {
        let (owner, run) = Run::start(true);
        let canceller = owner.canceller();
        let drops = thread::spawn(move || drop(owner));
        drop(canceller);
        drops.join().unwrap();
        run.ends();
    });
}
