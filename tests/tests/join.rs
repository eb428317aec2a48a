//! Awaiting several things at once.

use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_dsl::ops::join::{join, join_each};
use async_dsl::ops::timeout::timeout;
use async_dsl::ops::yield_now::yield_now;
use async_dsl::promise::promise;
use async_dsl::scheduler::Scheduler;
use async_dsl::time::sleep;

const MS: Duration = Duration::from_millis(1);

// S23
#[test]
fn several_promises_one_of_which_depends_on_another() {
    let scheduler = Scheduler::virtual_time();
    let (resolve_first, first) = promise();
    let (resolve_second, second) = promise();
    let read = first.clone();
    let follow = async move { resolve_second.deliver(read.await.unwrap() + 1) };
    scheduler.spawn(follow).detach();
    scheduler
        .spawn(async move {
            sleep(10 * MS).await;
            resolve_first.deliver(30);
        })
        .detach();
    let both: Vec<_> = scheduler.block_on(join_each([first, second]));
    let both: Vec<_> = both.into_iter().map(Result::unwrap).collect();
    assert_eq!(both, [30, 31]);
}

// X10
#[test]
fn a_tuple_of_different_things() {
    let scheduler = Scheduler::virtual_time();
    let (resolver, promise) = promise();
    resolver.deliver("kept");
    let task = scheduler.spawn(async { 'c' });
    let got = scheduler.block_on(join((async { 1_u8 }, task, &promise, sleep(MS))));
    assert_eq!((got.0, got.1, got.2.unwrap(), got.3), (1, 'c', "kept", ()));
}

#[test]
fn tuples_of_two_to_twelve() {
    let scheduler = Scheduler::manual();
    let two = join((ready(1), ready(2)));
    assert_eq!(scheduler.block_on(two), (1, 2));
    macro_rules! twelve {
        ($($n:literal),+) => { scheduler.block_on(join(($(async { yield_now().await; $n },)+))) };
    }
    let got = twelve!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assert_eq!(got, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

#[test]
fn all_run_side_by_side() {
    let scheduler = Scheduler::virtual_time();
    let start = scheduler.now();
    scheduler.block_on(async {
        join((sleep(100 * MS), sleep(70 * MS), sleep(100 * MS))).await;
        join_each([sleep(50 * MS), sleep(100 * MS)]).await;
    });
    assert_eq!(scheduler.now() - start, 200 * MS);
}

#[test]
fn outputs_come_in_the_order_of_the_input() {
    let scheduler = Scheduler::virtual_time();
    let naps = (0..10_u32).map(|n| async move {
        sleep((10 - n) * MS).await;
        n
    });
    let order: Vec<_> = scheduler.block_on(join_each(naps));
    assert_eq!(order, (0..10).collect::<Vec<_>>());
    let none: Vec<()> = scheduler.block_on(join_each(Vec::<std::future::Ready<()>>::new()));
    assert!(none.is_empty());
}

#[test]
fn dropping_a_join_drops_its_children_and_outputs() {
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
    let scheduler = Scheduler::virtual_time();
    let two = join((child(&counted, true), child(&counted, false)));
    let many = join_each([child(&counted, true), child(&counted, false)]);
    assert_eq!(Arc::strong_count(&counted), 5);
    let both = scheduler.block_on(async {
        let two = timeout(MS, two).await.is_err();
        (two, timeout(MS, many).await.is_err())
    });
    assert_eq!(both, (true, true));
    assert_eq!(Arc::strong_count(&counted), 1);
}

#[test]
fn a_finished_child_is_dropped_before_the_others_are_done() {
    let counted = Arc::new(());
    let held = Arc::clone(&counted);
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise();
    let task = scheduler.spawn(async move {
        // Held by the future until it is dropped, not until it is ready.
        let quick = poll_fn(move |_| {
            let _ = &held;
            Poll::Ready(())
        });
        join((quick, promise)).await.1.unwrap();
    });
    scheduler.run_until_parked();
    assert_eq!(Arc::strong_count(&counted), 1);
    resolver.deliver(());
    scheduler.block_on(task);
}

// X10
#[test]
fn a_panic_goes_through_to_whoever_awaits() {
    let scheduler = Scheduler::manual();
    let boom = || async { panic!("in a child") };
    let two = join((pending::<()>(), boom()));
    let many = join_each([boom()]);
    let both = [
        catch_unwind(AssertUnwindSafe(|| {
            scheduler.block_on(two);
        })),
        catch_unwind(AssertUnwindSafe(|| {
            scheduler.block_on(many);
        })),
    ];
    for caught in both {
        assert_eq!(
            *caught.unwrap_err().downcast::<&str>().unwrap(),
            "in a child"
        );
    }
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

// S29
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
