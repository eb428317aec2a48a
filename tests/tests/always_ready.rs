//! What never parks, in every place where it can be: a time limit around it ends it, and the others go on beside it.
//!
//! On real threads and by real clocks, by clocks that stand still, and under simulated schedules: so each test makes its
//! own schedulers.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use async_dsl::alt::{TakerSet, alts};
use async_dsl::chan::Take;
use async_dsl::prelude::*;
use async_dsl::scheduler::{Scheduler, on_threads};
use async_dsl::task::Task;

const LIMIT: Duration = Duration::from_millis(10);

type Forever = Pin<Box<dyn Future<Output = ()> + Send>>;
type Operations = Vec<(&'static str, fn() -> Forever)>;

fn closed() -> Chan<u8> {
    let c = chan();
    c.close();
    c
}

/// A task that has ended: its scheduler had before.
fn ended() -> Task<u8> {
    SHUT_DOWN.spawn(ready(1))
}

static SHUT_DOWN: LazyLock<Scheduler> = LazyLock::new(|| {
    let scheduler = Scheduler::manual();
    scheduler.shutdown(Duration::ZERO);
    scheduler
});

macro_rules! forever {
    ($([$($before:tt)*])? $name:literal: $($body:tt)*) => {
        ($name, (|| Box::pin(async_block!({
            $($($before)*)?
            loop { $($body)* }
        }))) as fn() -> Forever)
    };
}

/// Loops that never park: every word and method that can be ready each time.
fn operations() -> Operations {
    vec![
        forever!([let c = closed();] "take of a closed channel": take!(c);),
        forever!([let c = closed();] "take with a limit": take!(c, 1s, 0);),
        forever!([let c = closed();] "put on a closed channel": put!(c, 1).ok();),
        forever!([let c = closed();] "put with a limit": put!(c, 1, 1s).ok();),
        forever!([let c = chan::fixed(1);] "put and take": put!(c, 1u8).ok(); take!(c);),
        forever!([let c = chan::sliding(1);] "put on a sliding channel": put!(c, 1u8).ok();),
        forever!([let c = chan::dropping(1);] "put on a dropping channel": put!(c, 1u8).ok();),
        forever!([let c = chan::fixed::<u8>(1);] "reserve": drop(c.reserve().await);),
        forever!([let c = closed();] "take_for": c.take_for(LIMIT).await.ok();),
        forever!([let c = closed();] "alt of takes": alt! { take!(c) => {} take!(c) => {} };),
        forever!([let c = chan::sliding(1);] "alt of puts": alt! { _ = put!(c, 1u8) => {} };),
        forever!([let c = chan::<u8>();] "alt with default": alt! { take!(c) => {} default => {} };),
        forever!("alt of a time that is over": alt! { sleep!(0ms) => {} };),
        forever!([let c = closed();] "alts": alts([c.take()]).await.unwrap();),
        forever!("alts of nothing": alts(Vec::<Take<'_, u8>>::new()).await.unwrap_err();),
        forever!([let mut set = TakerSet::<u8>::new([]);] "take of an empty set": set.take().await;),
        forever!([let (putter, taker) = chan::fixed(1).split(); let mut set = TakerSet::new([taker]);]
            "put and take of a set": put!(putter, 1u8).ok(); set.take().await;),
        forever!("sleep of 0": sleep!(0ms);),
        forever!("yield_now": yield_now!();),
        forever!([let (resolver, promise) = promise(); resolver.deliver(1u8);]
            "delivered promise": (&promise).await.unwrap();),
        forever!([let (resolver, promise) = promise(); resolver.deliver(1u8);]
            "alt of a promise": alt! { _ = await!(promise.clone()) => {} };),
        forever!([let promise = promise::<u8>().1;] "broken promise": promise.clone().await.unwrap_err();),
        forever!("outcome of an ended task": ended().outcome().await.unwrap_err();),
        forever!("cancelling an ended task": ended().cancel().await;),
        forever!([let a = agent(1);] "settled agent": a.settled().await.unwrap();),
        forever!("join of ready futures": await!(ready(1), ready(2));),
        forever!([let c = closed();] "join of takes": await!(c.take(), c.take());),
        forever!("join of a list": await!(each [ready(1), ready(2)]);),
        forever!("join of nothing": await!(each Vec::<std::future::Ready<u8>>::new());),
        forever!("try_join of ready futures": try_join!(ready(Ok::<_, ()>(1)), ready(Ok(2))).unwrap();),
        forever!("try_join that fails": try_join!(ready(Err::<(), _>(1)), std::future::pending()).map(|((), ())| ()).unwrap_err();),
        forever!("try_join of a list": try_join!(each [ready(Ok::<_, ()>(1))]).unwrap();),
        forever!("try_join of a list that fails": try_join!(each [ready(Err::<(), _>(1))]).unwrap_err();),
        forever!("race of ready futures": race!(ready(1), ready(2));),
        forever!([let c = closed();] "race of takes": race!(c.take(), c.take());),
        forever!("race of a list": race!(each [ready(1), ready(2)]);),
        forever!("time limit around what is ready": timeout!(1s, { 1 }).unwrap();),
        forever!("time limit of 0": timeout!(0s, { 1 }).unwrap();),
        forever!([let c = closed();] "time limit around a take": timeout!(1s, { take!(c) }).unwrap();),
        forever!([let mut c = closed();] "stream of a whole channel": futures_lite::StreamExt::next(&mut c).await;),
        forever!([let mut taker = closed().split().1;] "stream": futures_lite::StreamExt::next(&mut taker).await;),
        forever!("take of a stream": take!(futures_lite::stream::repeat(1));),
        forever!("alt of a stream": alt! { _ = take!(futures_lite::stream::repeat(1)) => {} };),
        forever!([let c = closed();] "nested block": async_block!(|c| { take!(c) }).await;),
    ]
}

/// Runs `run` for each operation, on a thread of its own, and fails if it has not ended in a minute.
fn each_ends(place: &str, run: impl Fn(Forever) -> bool + Send + Sync + 'static) {
    of_each(1, place, run);
}

/// The same for a few of them, where all would take long.
fn some_end(place: &str, run: impl Fn(Forever) -> bool + Send + Sync + 'static) {
    of_each(7, place, run);
}

fn of_each(step: usize, place: &str, run: impl Fn(Forever) -> bool + Send + Sync + 'static) {
    LazyLock::force(&SHUT_DOWN);
    let run = Arc::new(run);
    for (name, forever) in operations().into_iter().step_by(step) {
        let (sender, over) = mpsc::channel();
        let run = Arc::clone(&run);
        thread::spawn(move || sender.send(run(forever())));
        match over.recv_timeout(Duration::from_secs(60)) {
            Ok(elapsed) => assert!(elapsed, "{place}: {name}: it is not the time that ended it"),
            Err(error) => panic!("{place}: {name}: {error}"),
        }
    }
}

/// Whether the time limit ends it, awaited where this is polled.
async fn limited(forever: Forever) -> bool {
    async_dsl::time::timeout(LIMIT, forever).await.is_err()
}

#[test]
fn in_block_on() {
    each_ends("block_on", |forever| async_dsl::block_on(limited(forever)));
}

#[test]
fn in_a_task() {
    each_ends("go!", |forever| {
        async_dsl::block_on(Scheduler::global().spawn(limited(forever)))
    });
}

#[test]
fn in_block_on_with_threads_of_its_own() {
    some_end("on_threads", |forever| on_threads(1, limited(forever)));
}

#[test]
fn in_block_on_of_each_kind_of_scheduler() {
    each_ends("global", |forever| {
        Scheduler::global().block_on(limited(forever))
    });
    each_ends("manual", |forever| {
        Scheduler::manual().block_on(limited(forever))
    });
    each_ends("virtual_time", |forever| {
        Scheduler::virtual_time().block_on(limited(forever))
    });
    some_end("entered", |forever| {
        Scheduler::virtual_time().enter(|| async_dsl::block_on(limited(forever)))
    });
}

#[test]
fn in_a_task_of_each_kind_of_scheduler() {
    let in_a_task = |scheduler: Scheduler, forever| {
        let task = scheduler.spawn(limited(forever));
        scheduler.block_on(task)
    };
    each_ends("manual", move |forever| {
        in_a_task(Scheduler::manual(), forever)
    });
    some_end("virtual_time", move |forever| {
        in_a_task(Scheduler::virtual_time(), forever)
    });
    some_end("simulated", move |forever| {
        in_a_task(Scheduler::simulated(5), forever)
    });
}

#[test]
fn in_a_simulated_block_on() {
    each_ends("simulated", |forever| {
        Scheduler::simulated(1).block_on(limited(forever))
    });
}

#[test]
fn in_a_simulated_task_beside_others_that_never_park() {
    some_end("simulated tasks", |forever| {
        Scheduler::simulated(2).block_on(async_block!({
            let c = closed();
            let other = go!(|c| { timeout!(5ms, { loop { take!(c); } }).is_err() });
            let task = go!({ limited(forever).await });
            let (one, two) = await!(task, other);
            one && two
        }))
    });
}

#[test]
fn beside_what_never_parks_in_one_task() {
    // A time that shares its task's budget with what uses it up each time.
    each_ends("or", |forever| {
        async_dsl::block_on(futures_lite::future::or(
            async {
                forever.await;
                false
            },
            async {
                async_dsl::time::sleep(LIMIT).await;
                true
            },
        ))
    });
    some_end("join", |forever| {
        let over = AtomicBool::new(false);
        async_dsl::block_on(async_block!({
            let forever = futures_lite::future::or(forever, std::future::poll_fn(|_| {
                if over.load(Ordering::Relaxed) {
                    std::task::Poll::Ready(())
                } else {
                    std::task::Poll::Pending
                }
            }));
            let limit = async {
                let elapsed = limited(Box::pin(std::future::pending())).await;
                over.store(true, Ordering::Relaxed);
                elapsed
            };
            await!(forever, limit).1
        }))
    });
}

#[test]
fn a_clock_that_is_moved_by_hand_goes_by_what_never_parks() {
    some_end("advance", |forever| {
        let scheduler = Scheduler::virtual_time();
        let task = scheduler.spawn(limited(forever));
        scheduler.advance(2 * LIMIT);
        assert!(task.is_finished());
        scheduler.block_on(task)
    });
}

#[test]
fn shutdown_gives_what_never_parks_no_more_than_its_time() {
    for scheduler in [
        Scheduler::manual(),
        Scheduler::virtual_time(),
        Scheduler::simulated(3),
    ] {
        let c = closed();
        scheduler
            .spawn(async move {
                loop {
                    c.take().await;
                }
            })
            .detach();
        let ended = scheduler.shutdown(LIMIT);
        assert_eq!((ended.finished, ended.cancelled), (0, 1), "{scheduler:?}");
    }
}

/// The future of `block_on` and a task on one worker take turns.
#[test]
fn the_reactor_has_its_turn_beside_a_block_on_that_never_parks() {
    let c = closed();
    let told = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&told);
    async_dsl::block_on(async move {
        let task = Scheduler::global().spawn(async move {
            async_dsl::time::sleep(Duration::from_millis(10)).await;
            told.store(true, Ordering::Relaxed);
        });
        while !seen.load(Ordering::Relaxed) {
            c.take().await;
        }
        task.await;
    });
}

/// Many operations at one moment are no reason for a clock that stands to move.
#[test]
fn a_clock_that_stands_does_not_move_for_a_hundred_thousand_operations() {
    for scheduler in [Scheduler::virtual_time(), Scheduler::simulated(4)] {
        let before = scheduler.now();
        let result = scheduler.block_on(async_block!({
            timeout!(1ms, {
                let c = chan();
                for n in 0..50_000 {
                    put!(c, n).unwrap();
                    take!(c).unwrap();
                }
            })
        }));
        assert_eq!((result, scheduler.now()), (Ok(()), before));
    }
}
