//! What a crate that brings a channel of its own needs: operations with another output, and what it asks a scheduler for.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use async_dsl::alt::{Mapped, alts, mapped};
use async_dsl::chan::{Permit, Reserve, Source, Take, Target};
use async_dsl::inspect::At;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::sim::{self, Config};

/// What is taken from a [`Remote`].
#[derive(Debug, PartialEq)]
struct Delivery(u32);

/// What a put into one gives: not the local channel's answer.
#[derive(Debug, PartialEq)]
struct Receipt(Result<u32, u32>);

/// A channel of another crate over a local one.
struct Remote(Chan<u32>);

struct Place(Permit<u32>);

impl Place {
    fn put(self, value: u32) -> Receipt {
        Receipt(self.0.put(value).map(|()| value).map_err(|Closed(it)| it))
    }
}

type Puts<'a> = Pin<Box<dyn Future<Output = Receipt> + Send + 'a>>;

impl Source for Remote {
    type Item = Delivery;
    type Take<'a> = Mapped<Take<'a, u32>, fn(Option<u32>) -> Option<Delivery>>;

    fn take_operation(&self, at: At) -> Self::Take<'_> {
        mapped(self.0.take_operation(at), |taken| taken.map(Delivery))
    }
}

impl Target for Remote {
    type Item = u32;
    type Put<'a> = Puts<'a>;
    type PutFor<'a> = Puts<'a>;
    type Reserve<'a> = Mapped<Reserve<'a, u32>, fn(Permit<u32>) -> Place>;

    fn put_operation(&self, value: u32, at: At) -> Puts<'_> {
        let place = self.reserve_operation(at);
        Box::pin(async move { place.await.put(value) })
    }

    fn put_for_operation(&self, value: u32, limit: Duration, at: At) -> Puts<'_> {
        let put = self.0.put_for_operation(value, limit, at);
        Box::pin(async move { Receipt(put.await.map(|()| value).map_err(|_| value)) })
    }

    fn reserve_operation(&self, at: At) -> Self::Reserve<'_> {
        mapped(self.0.reserve_operation(at), Place)
    }
}

#[async_dsl::test]
async fn words_and_arms_give_what_the_crate_makes_of_them() {
    let remote = Remote(chan::fixed(1));
    assert_eq!(put!(remote, 1), Receipt(Ok(1)));
    alt! {
        _ = put!(remote, 2) => unreachable!("it is full"),
        taken = take!(remote) => assert_eq!(taken, Some(Delivery(1))),
    }
    alt! {
        receipt = put!(remote, 3) => assert_eq!(receipt, Receipt(Ok(3))),
        _ = take!(remote) => unreachable!("it is empty"),
    }
    assert_eq!(put!(remote, 4, 1s), Receipt(Err(4)));
    assert_eq!(take!(remote), Some(Delivery(3)));
    remote.0.close();
    assert_eq!(put!(remote, 5), Receipt(Err(5)));
    assert_eq!(take!(remote), None);
}

/// Every put arm meets take arms of others: parked, promised, won by a partner.
#[async_dsl::test(seeds = 200)]
async fn each_value_goes_through_arms_once_and_losers_lose_nothing() {
    const EACH: u32 = 5;
    let remotes: Arc<[Remote]> = [0, 1].map(|size| Remote(chan::fixed(size))).into();
    let putters = [0, 1].map(|putter| {
        go!(|remotes| {
            for number in 0..EACH {
                let value = putter * EACH + number;
                alt! {
                    receipt = put!(remotes[0], value) => assert_eq!(receipt, Receipt(Ok(value))),
                    receipt = put!(remotes[1], value) => assert_eq!(receipt, Receipt(Ok(value))),
                }
            }
        })
    });
    let mut seen = Vec::new();
    while seen.len() < 2 * EACH as usize {
        alt! {
            taken = take!(remotes[0]) => seen.push(taken.expect("open").0),
            taken = take!(remotes[1]) => seen.push(taken.expect("open").0),
            sleep!(1ms) => {}
        }
    }
    for putter in putters {
        putter.await;
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..2 * EACH).collect::<Vec<_>>());
    for remote in remotes.iter() {
        assert_eq!(remote.0.try_take().ok(), None);
    }
}

#[async_dsl::test]
async fn only_the_winner_makes_its_output() {
    let made = Arc::new(AtomicUsize::new(0));
    let (one, other) = (chan::fixed(1), chan::fixed(1));
    put!(one, 1).unwrap();
    put!(other, 2).unwrap();
    let count = |taken: Option<i32>| {
        made.fetch_add(1, Ordering::Relaxed);
        taken
    };
    let choice = alts([mapped(one.take(), count), mapped(other.take(), count)]).await;
    let (_, first) = choice.expect("two operations");
    assert_eq!(made.load(Ordering::Relaxed), 1);
    let left = one.try_take().or_else(|_| other.try_take());
    assert_eq!(first.unwrap() + left.unwrap(), 3);
}

#[test]
fn a_scheduler_knows_itself_and_whether_it_is_simulated() {
    let manual = Scheduler::manual();
    let start = || Scheduler::current().spawn(async { 42 });
    let task = manual.enter(start);
    assert_eq!(manual.task_count(), 1);
    assert_eq!(manual.block_on(task), 42);
    let inside = manual.block_on(async { Scheduler::current().task_count() });
    assert_eq!(inside, manual.task_count());
    assert!(!manual.is_simulated());
    assert!(Scheduler::simulated(1).enter(|| Scheduler::current().is_simulated()));
    assert!(!Scheduler::current().is_simulated());
}

/// The handle that a task drops is not the last one.
#[test]
fn who_asks_for_the_current_scheduler_does_not_end_it() {
    let manual = Scheduler::manual();
    let parked = manual.spawn(std::future::pending::<()>());
    manual.block_on(async { drop(Scheduler::current()) });
    manual.run_until_parked();
    assert!(!parked.is_finished());
}

#[test]
fn draws_follow_from_the_seed_and_failures_are_shrunk_to_few_that_are_not_0() {
    let draw = || Scheduler::current().random_below(4);
    let drawn = |seed| Scheduler::simulated(seed).block_on(async { [(); 20].map(|()| draw()) });
    assert_eq!(drawn(1), drawn(1));
    assert!((2..20).any(|seed| drawn(seed) != drawn(1)));

    let fewest = AtomicUsize::new(usize::MAX);
    let program = || async {
        let all: Vec<_> = (0..20).map(|_| draw()).collect();
        if all.contains(&3) {
            let faults = all.iter().filter(|drawn| **drawn != 0).count();
            fewest.fetch_min(faults, Ordering::Relaxed);
            panic!("a fault");
        }
    };
    assert!(sim::check(&Config::new(), program).is_err());
    assert_eq!(
        fewest.into_inner(),
        1,
        "it is shrunk to the one that matters"
    );
}

#[test]
#[should_panic(expected = "`random_below(0)`")]
fn there_is_no_number_below_0() {
    Scheduler::manual().random_below(0);
}

#[test]
fn each_simulation_has_a_state_of_its_own_of_each_type() {
    #[derive(Default)]
    struct Count(AtomicUsize);
    #[derive(Default)]
    struct Beside(Mutex<Vec<u32>>);
    /// Asks for another state while it is made.
    struct Nested(Arc<Count>);
    impl Default for Nested {
        fn default() -> Self {
            Self(Scheduler::current().simulated_state().expect("simulated"))
        }
    }

    let scheduler = Scheduler::simulated(1);
    let count = || scheduler.simulated_state::<Count>().expect("simulated");
    count().0.fetch_add(1, Ordering::Relaxed);
    let other = scheduler.simulated_state::<Beside>().expect("simulated");
    assert!(other.0.lock().unwrap().is_empty());
    let nested = scheduler.enter(|| scheduler.simulated_state::<Nested>());
    assert_eq!(nested.expect("simulated").0.0.load(Ordering::Relaxed), 1);
    let fresh = Scheduler::simulated(1).simulated_state::<Count>();
    assert_eq!(fresh.expect("simulated").0.load(Ordering::Relaxed), 0);
    assert!(Scheduler::manual().simulated_state::<Count>().is_none());

    let kept = Arc::downgrade(&count());
    drop(scheduler);
    assert!(kept.upgrade().is_none(), "it goes with its simulation");
}

#[test]
fn what_may_come_from_outside_is_no_deadlock_until_the_guard_is_dropped() {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let answers = chan::<u32>();
    let (putter, taker) = (answers.clone(), answers.clone());
    let answer = scheduler.block_on(async {
        let outside = Scheduler::current().expect_outside();
        let other = Scheduler::current().expect_outside();
        drop(other);
        // On its way only when the task is parked or about to be: either way nothing but this wakes it.
        let asked = thread::spawn(move || putter.put_blocking(42));
        let answer = taker.take().await;
        drop(outside);
        asked.join().unwrap().unwrap();
        answer
    });
    assert_eq!(answer, Some(42));
    let parked = || scheduler.block_on(async { answers.take().await });
    let panic = catch_unwind(AssertUnwindSafe(parked)).expect_err("a deadlock");
    let message = panic.downcast_ref::<String>().expect("a text");
    assert!(message.contains("deadlock"), "{message}");
}
