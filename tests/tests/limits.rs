//! What happens when there is a lot of everything: many waiters, long queues.

use async_dsl::chan::Buffer;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl_tests::warnings::Warnings;
use async_dsl_tests::{putters_parked, takers_parked};

/// Runs on virtual time, under one schedule: with few waiters `channels.rs` tries many.
fn at_once<F: Future>(future: F) -> F::Output {
    Scheduler::virtual_time().block_on(future)
}

const MANY: u32 = 20_000;

// A8, X3. core.async refuses more than 1024: its puts can be started by callbacks, which wait nowhere. Ours wait in
// their task, so memory is the only limit.
#[test]
fn any_number_of_parked_putters_is_served_in_order() {
    at_once(async_block!({
        let c = chan::fixed(0);
        let putters: Vec<_> = (0..MANY).map(|n| go!(|c| put!(c, n))).collect();
        sleep!(1ms);
        assert_eq!(c.waiting(), putters_parked(MANY as usize));
        for n in 0..MANY {
            assert_eq!(take!(c), Some(n));
        }
        assert!(await!(each putters).iter().all(Result::is_ok));
    }));
}

// A8, X3
#[test]
fn any_number_of_parked_takers_is_served_in_order() {
    at_once(async_block!({
        let c = chan::fixed(0);
        let takers: Vec<_> = (0..MANY).map(|_| go!(|c| take!(c))).collect();
        sleep!(1ms);
        assert_eq!(c.waiting(), takers_parked(MANY as usize));
        for n in 0..MANY {
            put!(c, n).unwrap();
        }
        assert!(await!(each takers).into_iter().eq((0..MANY).map(Some)));
    }));
}

/// One place. A channel with a buffer of a user's hands nothing past it.
struct One(Option<u32>);

impl Buffer<u32> for One {
    fn push(&mut self, value: u32) -> Option<u32> {
        self.0.replace(value)
    }

    fn pop(&mut self) -> Option<u32> {
        self.0.take()
    }

    fn len(&self) -> usize {
        usize::from(self.0.is_some())
    }

    fn capacity(&self) -> Option<usize> {
        Some(1)
    }
}

// X5: all in one go, and not each inside the one before it.
#[test]
fn a_freed_place_lets_any_number_of_putters_meet_as_many_takers() {
    at_once(async_block!({
        let c = chan::with(One(None));
        let place = c.reserve().await;
        let takers: Vec<_> = (0..MANY).map(|_| go!(|c| take!(c))).collect();
        let putters: Vec<_> = (0..MANY).map(|n| go!(|c| put!(c, n))).collect();
        sleep!(1ms);
        let waiting = c.waiting();
        assert_eq!([waiting.putters, waiting.takers], [MANY as usize; 2]);
        drop(place);
        assert!(await!(each takers).into_iter().eq((0..MANY).map(Some)));
        assert!(await!(each putters).iter().all(Result::is_ok));
    }));
}

// N17
#[test]
fn an_unbounded_channel_warns_once_per_doubling_and_names_its_line() {
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || {
        let line = line!() + 1;
        let c = chan().warn_above(100);
        for round in 0..2 {
            for n in 0..1000 {
                c.try_put(n).unwrap();
            }
            let given = warnings.0.lock().unwrap();
            assert_eq!(given.len(), 4, "round {round}: {given:?}");
            for (warning, len) in given.iter().zip([101, 202, 404, 808]) {
                assert!(warning.contains(&format!("len={len} ")), "{warning}");
                assert!(warning.contains(&format!("limits.rs:{line}:")), "{warning}");
            }
            drop(given);
            while c.try_take().is_ok() {}
        }
    });
}

// N17
#[test]
fn only_an_unbounded_channel_warns() {
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || {
        for c in [chan::fixed(1000), chan::dropping(1000), chan::sliding(1000)] {
            let c = c.warn_above(10);
            (0..1000).for_each(|n| c.try_put(n).unwrap());
        }
    });
    assert!(warnings.0.lock().unwrap().is_empty());
}
