//! Starts, ends, the limit, the failure of a scope and a token, in every interleaving. `tests/loom/groups.rs` has those of what users
//! call.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use loom::future::block_on;
use loom::thread;

use super::core::Core;
use super::inspected::Kind;
use super::run::{Failure, Run};
use super::token::CancelToken;
use super::waiters::Place;
use crate::runtime::place::At;
use crate::runtime::sync::model;

/// A waker that only counts.
struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

fn nobody() -> Waker {
    Waker::from(Arc::new(Nobody))
}

fn core() -> Arc<Core> {
    Core::new(Kind::Group, std::panic::Location::caller())
}

/// Waits for room, and returns the number.
fn enter(core: &Core) -> u64 {
    let mut place = Place::new();
    block_on(poll_fn(|cx| core.poll_enter(&mut place, At::UNKNOWN, cx)))
}

/// Is in the group for a moment, in which no more are than the limit.
fn visit(core: &Core, inside: &AtomicUsize, limit: usize) {
    let number = enter(core);
    assert!(inside.fetch_add(1, Ordering::SeqCst) < limit, "too many");
    inside.fetch_sub(1, Ordering::SeqCst);
    core.left(number);
}

#[test]
fn starts_wait_for_room_and_none_for_ever() {
    model(3, || {
        let (core, inside) = (core(), Arc::new(AtomicUsize::new(0)));
        core.set_limit(1);
        let (other, counts) = (Arc::clone(&core), Arc::clone(&inside));
        let thread = thread::spawn(move || visit(&other, &counts, 1));
        visit(&core, &inside, 1);
        thread.join().unwrap();
        assert_eq!(core.running(), 0);
    });
}

/// Two wait for one place, and the first gives up as it is told that it is his turn.
#[test]
fn the_turn_of_a_start_that_goes_away_is_the_next_ones() {
    model(3, || {
        let core = core();
        core.set_limit(1);
        let first = enter(&core);
        let mut place = Place::new();
        let waker = nobody();
        let waiting = core.poll_enter(&mut place, At::UNKNOWN, &mut Context::from_waker(&waker));
        assert!(waiting.is_pending());
        let other = Arc::clone(&core);
        let goes = thread::spawn(move || other.leave_starters(&mut place));
        let other = Arc::clone(&core);
        let ends = thread::spawn(move || other.left(first));
        let second = enter(&core);
        core.left(second);
        goes.join().unwrap();
        ends.join().unwrap();
    });
}

#[test]
fn a_higher_limit_lets_those_in_who_wait() {
    model(3, || {
        let core = core();
        core.set_limit(0);
        let other = Arc::clone(&core);
        let thread = thread::spawn(move || other.set_limit(1));
        let number = enter(&core);
        core.left(number);
        thread.join().unwrap();
    });
}

#[test]
fn whoever_waits_for_the_end_is_told_by_the_last() {
    model(2, || {
        let core = core();
        let numbers = [enter(&core), enter(&core)];
        let threads = numbers.map(|number| {
            let other = Arc::clone(&core);
            thread::spawn(move || other.left(number))
        });
        let mut place = Place::new();
        block_on(poll_fn(|cx| core.poll_end(&mut place, cx)));
        assert_eq!(core.running(), 0);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A cancellation waits for the tasks that were there, and not for one that starts later.
#[test]
fn a_wait_for_the_tasks_of_now_is_not_one_for_later_ones() {
    model(3, || {
        let core = core();
        let first = enter(&core);
        let up_to = core.cancel();
        let other = Arc::clone(&core);
        let later = thread::spawn(move || enter(&other)); // and stays
        let other = Arc::clone(&core);
        let ends = thread::spawn(move || other.left(first));
        let mut place = Place::new();
        block_on(poll_fn(|cx| core.poll_over(up_to, &mut place, cx)));
        ends.join().unwrap();
        core.left(later.join().unwrap());
        assert_eq!(core.running(), 0);
    });
}

/// A scope that ends while its last task starts another: either that is waited for, or its start is refused.
#[test]
fn nothing_is_started_in_a_scope_that_has_ended() {
    model(3, || {
        let core = core();
        let task = enter(&core);
        let other = Arc::clone(&core);
        let starts = thread::spawn(move || {
            // It runs, so the scope has not ended.
            let started = enter(&other);
            other.left(task);
            other.left(started);
        });
        let mut place = Place::new();
        block_on(poll_fn(|cx| core.poll_end(&mut place, cx)));
        assert_eq!(core.running(), 0);
        starts.join().unwrap();
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let waker = nobody();
            let mut place = Place::new();
            let mut cx = Context::from_waker(&waker);
            core.poll_enter(&mut place, At::UNKNOWN, &mut cx).is_ready()
        }));
        assert!(refused.is_err());
    });
}

/// The block waits for nothing that could wake it: the failure does.
#[test]
fn a_scope_ends_with_the_first_failure() {
    model(3, || {
        let (core, failure) = (core(), Arc::new(Failure::new()));
        let (other, fails) = (Arc::clone(&core), Arc::clone(&failure));
        let thread = thread::spawn(move || {
            let mut kept = false;
            fails.error(&other, || kept = true);
            kept
        });
        let run = Run::new(pending::<()>(), &core, &failure, At::UNKNOWN);
        assert_eq!(block_on(run), None);
        assert!(thread.join().unwrap(), "the only one is the first");
    });
}

#[test]
fn of_two_failures_one_is_kept() {
    model(3, || {
        let (core, failure) = (core(), Arc::new(Failure::new()));
        let fail = |core: &Core, failure: &Failure| {
            let mut kept = false;
            failure.error(core, || kept = true);
            kept
        };
        let (other, fails) = (Arc::clone(&core), Arc::clone(&failure));
        let thread = thread::spawn(move || fail(&other, &fails));
        let mine = fail(&core, &failure);
        assert_ne!(mine, thread.join().unwrap());
    });
}

#[test]
fn whoever_waits_for_a_token_is_told() {
    model(3, || {
        let token = CancelToken::new();
        let child = token.child();
        let thread = thread::spawn(move || token.cancel());
        block_on(child.cancelled());
        assert!(child.is_cancelled());
        thread.join().unwrap();
    });
}

#[test]
fn a_child_that_is_made_as_its_parent_is_cancelled_is_cancelled() {
    model(3, || {
        let token = CancelToken::new();
        let parent = token.clone();
        let thread = thread::spawn(move || parent.cancel());
        let child = token.child();
        block_on(child.cancelled());
        thread.join().unwrap();
    });
}

/// One who gives up takes nothing along.
#[test]
fn a_wait_for_a_token_that_is_dropped_leaves_the_others() {
    model(3, || {
        let token = CancelToken::new();
        let own = token.clone();
        let gives_up = thread::spawn(move || {
            let mut wait = pin!(own.cancelled());
            let waker = nobody();
            let _ = wait.as_mut().poll(&mut Context::from_waker(&waker));
        });
        let own = token.clone();
        let waits = thread::spawn(move || block_on(own.cancelled()));
        token.cancel();
        gives_up.join().unwrap();
        waits.join().unwrap();
    });
}
