//! Awaiting several things at once.

use std::future::{pending, poll_fn, ready};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::TaskError;
use async_dsl::task::yield_now;
use async_dsl::task::{join, join_each};
use async_dsl::time::timeout;
use async_dsl::time::{self, sleep};

const MS: Duration = Duration::from_millis(1);

// S23
#[async_dsl::test]
async fn several_promises_one_of_which_depends_on_another() {
    let (resolve_first, first) = promise();
    let (resolve_second, second) = promise();
    go!(|first| { resolve_second.deliver(first.await.unwrap() + 1) });
    go!({
        sleep!(10ms);
        resolve_first.deliver(30);
    });
    let both: Vec<_> = join_each([first, second]).await;
    let both: Vec<_> = both.into_iter().map(Result::unwrap).collect();
    assert_eq!(both, [30, 31]);
}

// X10
#[async_dsl::test]
async fn a_tuple_of_different_things() {
    let (resolver, promise) = promise();
    go!({ resolver.deliver("kept") });
    let task = go!({ 'c' });
    let got = join((async { 1_u8 }, task, &promise, sleep(MS))).await;
    assert_eq!((got.0, got.1, got.2.unwrap(), got.3), (1, 'c', "kept", ()));
}

#[async_dsl::test]
async fn tuples_of_two_to_twelve() {
    assert_eq!(join((ready(1), ready(2))).await, (1, 2));
    macro_rules! twelve {
        ($($n:literal),+) => { join(($(async { yield_now().await; $n },)+)).await };
    }
    let got = twelve!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assert_eq!(got, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

#[async_dsl::test]
async fn all_run_side_by_side() {
    let start = time::now();
    join((sleep(100 * MS), sleep(70 * MS), sleep(100 * MS))).await;
    join_each([sleep(50 * MS), sleep(100 * MS)]).await;
    assert_eq!(time::now() - start, 200 * MS);
}

#[async_dsl::test]
async fn outputs_come_in_the_order_of_the_input() {
    let naps = (0..10_u32).map(|n| async move {
        sleep((10 - n) * MS).await;
        n
    });
    let tasks: Vec<_> = (10..15)
        .map(|n| {
            go!({
                yield_now!();
                n
            })
        })
        .collect();
    let naps: Vec<_> = join_each(naps).await;
    assert_eq!(naps, (0..10).collect::<Vec<_>>());
    assert_eq!(await!(each tasks), [10, 11, 12, 13, 14]);
    let none: Vec<()> = join_each(Vec::<std::future::Ready<()>>::new()).await;
    assert!(none.is_empty());
}

#[async_dsl::test]
async fn dropping_a_join_drops_its_children_and_outputs() {
    let counted = Arc::new(());
    let child = |counted: &Arc<()>, done: bool| {
        let counted = Arc::clone(counted);
        async move {
            if !done {
                pending::<()>().await;
            }
            counted
        }
    };
    let two = join((child(&counted, true), child(&counted, false)));
    let many = join_each([child(&counted, true), child(&counted, false)]);
    assert_eq!(Arc::strong_count(&counted), 5);
    assert!(timeout(MS, two).await.is_err());
    assert!(timeout(MS, many).await.is_err());
    assert_eq!(Arc::strong_count(&counted), 1);
}

#[async_dsl::test]
async fn a_join_cancelled_at_any_moment_drops_each_child_and_output_once() {
    let counted = Arc::new(());
    let c = chan();
    let child = |turns: usize| {
        let (c, held) = (c.clone(), Arc::clone(&counted));
        async_block!({
            for _ in 0..turns {
                take!(c).unwrap();
            }
            held
        })
    };
    let two = join((child(1), child(2)));
    let many = join_each([child(1), child(0), child(2)]);
    let tasks = [
        go!({
            let two = two.await;
            vec![two.0, two.1]
        }),
        go!({ many.await }),
    ];
    let feeder = go!(|c| {
        for _ in 0..6 {
            put!(c, ()).unwrap();
            yield_now!();
        }
    });
    for (task, children) in tasks.into_iter().zip([2, 3]) {
        yield_now!();
        // All or nothing.
        let outputs = task.cancel().await;
        assert!(outputs.is_none_or(|outputs| outputs.len() == children));
    }
    feeder.await;
    assert_eq!(Arc::strong_count(&counted), 1);
    assert_eq!(c.waiting(), chan::Waiting::default());
}

#[async_dsl::test]
async fn a_finished_child_is_dropped_before_the_others_are_done() {
    let counted = Arc::new(());
    let held = Arc::clone(&counted);
    let (resolver, promise) = promise();
    let task = go!({
        // Held by the future until it is dropped, not until it is ready.
        let quick = poll_fn(move |_| {
            let _ = &held;
            Poll::Ready(())
        });
        join((quick, promise)).await.1.unwrap();
    });
    sleep!(1ms);
    assert_eq!(Arc::strong_count(&counted), 1);
    resolver.deliver(());
    task.await;
}

// X10
#[async_dsl::test]
async fn a_panic_goes_through_to_whoever_awaits() {
    let boom = || async { resume_unwind(Box::new("in a child")) };
    let two = go!({ join((pending::<()>(), boom())).await });
    let many = go!({ join_each([boom()]).await });
    let both = [
        two.outcome().await.map(drop),
        many.outcome().await.map(drop),
    ];
    for outcome in both {
        let Err(TaskError::Panicked(panic)) = outcome else {
            panic!("{outcome:?}")
        };
        let payload = panic.into_panic().downcast::<&str>().unwrap();
        assert_eq!(*payload, "in a child");
    }
}

// X10: the one that fails may come first, last or in between
#[async_dsl::test]
async fn one_that_fails_among_several_ends_the_wait_and_leaves_the_others_alone() {
    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::new(());
    let work = |fails: bool| {
        go!(|done, counted| {
            yield_now!();
            if fails {
                resume_unwind(Box::new("one of them"));
            }
            yield_now!();
            done.fetch_add(1, Ordering::Relaxed);
            counted
        })
    };
    let tasks: Vec<_> = [false, true, false].map(work).into();
    let all = go!({ await!(each tasks).len() });
    let (fails, other) = (work(true), work(false));
    let both = go!({ await!(other, fails) });
    for error in [
        all.outcome().await.map(drop).unwrap_err(),
        both.outcome().await.map(drop).unwrap_err(),
    ] {
        let TaskError::Panicked(panic) = error else {
            panic!("{error}")
        };
        assert_eq!(panic.message(), "one of them");
    }
    // Their handles were dropped: that detaches them.
    sleep!(1ms);
    assert_eq!(done.load(Ordering::Relaxed), 3);
    assert_eq!(Arc::strong_count(&counted), 1);
}

/// Pending until its flag is set; keeps its waker and counts its polls.
#[derive(Default)]
struct Child {
    polls: AtomicUsize,
    done: AtomicUsize,
    waker: std::sync::Mutex<Option<Waker>>,
}

impl Child {
    async fn run(self: Arc<Self>) {
        poll_fn(|cx| {
            self.polls.fetch_add(1, Ordering::Relaxed);
            *self.waker.lock().unwrap() = Some(cx.waker().clone());
            match self.done.load(Ordering::Acquire) {
                0 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }

    fn finish(&self) {
        self.done.store(1, Ordering::Release);
        let waker = self.waker.lock().unwrap().take();
        waker.unwrap().wake();
    }
}

// Driven by hand: polls are counted.
#[test]
fn each_wake_up_polls_one_child() {
    const CHILDREN: usize = 1000;
    let scheduler = Scheduler::manual();
    let children: Vec<Arc<Child>> = (0..CHILDREN).map(|_| Arc::default()).collect();
    let task = scheduler.spawn(join_each(children.clone().into_iter().map(Child::run)));
    scheduler.run_until_parked();
    for child in children.iter().rev() {
        child.finish();
        scheduler.run_until_parked();
    }
    assert_eq!(scheduler.block_on(task).len(), CHILDREN);
    for child in &children {
        assert_eq!(child.polls.load(Ordering::Relaxed), 2);
    }
}

// Driven by hand, because a simulated turn ends with a yield, whoever yields.
#[test]
fn a_child_that_is_always_ready_to_go_on_lets_other_tasks_run() {
    let scheduler = Scheduler::manual();
    let stop = Arc::new(AtomicUsize::new(0));
    let spinning = (0..4).map(|_| {
        let stop = Arc::clone(&stop);
        async move {
            while stop.load(Ordering::Relaxed) == 0 {
                yield_now().await;
            }
        }
    });
    let task = scheduler.spawn(join_each(spinning));
    let other = scheduler.spawn(async move { stop.store(1, Ordering::Relaxed) });
    scheduler.block_on(join((task, other)));
}

// Driven by hand, because simulated schedules have no budget.
#[test]
fn the_budget_does_not_make_joins_quadratic() {
    const CHILDREN: usize = 20_000;
    let scheduler = Scheduler::manual();
    let polls = Arc::new(AtomicUsize::new(0));
    let children = (0..CHILDREN).map(|_| {
        let (resolver, mut promise) = promise();
        resolver.deliver(());
        let polls = Arc::clone(&polls);
        poll_fn(move |cx| {
            polls.fetch_add(1, Ordering::Relaxed);
            std::pin::Pin::new(&mut promise).poll(cx)
        })
    });
    let task = scheduler.spawn(join_each(children));
    assert_eq!(scheduler.block_on(task).len(), CHILDREN);
    let polls = polls.load(Ordering::Relaxed);
    assert!(polls < CHILDREN + CHILDREN / 10, "{polls} polls");
}

#[test]
fn wakers_that_outlive_a_join_do_no_harm() {
    let scheduler = Scheduler::manual();
    let child = Arc::<Child>::default();
    let task = scheduler.spawn(join_each([Arc::clone(&child).run()]));
    scheduler.run_until_parked();
    scheduler.block_on(task.cancel());
    child.finish();
    assert_eq!(scheduler.run_until_parked(), 0);
}

#[test]
fn many_threads_wake_the_children_of_one_join() {
    let children = (0..2000_usize).map(|n| {
        Scheduler::global().spawn(async move {
            for _ in 0..n % 5 {
                yield_now().await;
            }
            n
        })
    });
    let sum = async_dsl::block_on(join_each(children))
        .into_iter()
        .sum::<usize>();
    assert_eq!(sum, 1999 * 1000);
}

// S29: driven by hand, for the order of the turns
#[test]
fn yielding_lets_every_other_ready_task_have_a_turn() {
    let scheduler = Scheduler::manual();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    for name in ["a", "b", "c"] {
        let order = Arc::clone(&order);
        let turns = async move {
            for turn in 0..2 {
                order.lock().unwrap().push((turn, name));
                yield_now().await;
            }
        };
        scheduler.spawn(turns).detach();
    }
    scheduler.run_until_parked();
    let names = |turn| ["a", "b", "c"].map(|name| (turn, name));
    assert_eq!(*order.lock().unwrap(), [names(0), names(1)].concat());
}
