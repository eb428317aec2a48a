//! The dump and the network of a program that uses one of each of `async_dsl::flow`. In a process of its own, because it shows
//! numbers that all tasks and channels of a process share.

use std::time::Duration;

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use expect_test::expect_file;

/// Starts one of each, over inputs that stay open, and keeps all of it.
fn one_of_each() -> Box<dyn std::any::Any> {
    let input = || {
        let (putter, taker) = chan::fixed::<u32>(1).named("input").split();
        putter.try_put(7).unwrap();
        (putter, taker)
    };
    let (inputs, mut takers): (Vec<_>, Vec<_>) = (0..14).map(|_| input()).unzip();
    let mut from = || takers.pop().unwrap();

    let all = flow::from_iter(0.., 1);
    let (putter, numbers) = chan::fixed(1).named("numbers").split();
    let onto = flow::onto(putter, 0..);
    let (to, piped) = chan::fixed(1).named("piped").split();
    let pipe = flow::pipe(from(), to);
    let through = flow::through(from(), 1, |values| values);
    let split = flow::split(from(), 1, |n| n % 2 == 0);
    let zip = flow::zip((from(), all), 1);
    let zip_each = flow::zip_each([from()], 1);
    let merge = flow::merge([from()], 1);
    let (mix, mixed) = flow::mix(1);
    let mix_inputs = [mix.add(from()), mix.add(from())];
    mix_inputs[1].pause();
    let mult = flow::mult(from());
    let taps = [mult.tap(1), mult.tap(0)];
    let broadcast = flow::broadcast(2);
    let subscribers = [(); 2].map(|()| broadcast.subscribe());
    (0..3).for_each(|n| broadcast.put(n).unwrap());
    assert!(
        subscribers[0]
            .try_take()
            .is_ok_and(|missed| missed.is_err())
    );
    assert_eq!(subscribers[0].try_take(), Ok(Ok(1)));
    let topics = flow::topics(from(), |n: &u32| n % 2);
    let odd = topics.subscribe(1, 1);
    let watch = flow::watch(1);
    let pipeline = flow::pipeline(from(), 2, async |n| {
        std::future::pending::<()>().await;
        [n]
    });
    let batch = flow::batch(from(), 10, Duration::from_secs(60));
    let ticker = flow::ticker(Duration::from_secs(60));
    let debounce = flow::debounce(from(), Duration::from_secs(60));
    let throttle = flow::throttle(from(), Duration::from_secs(60));
    let permits = flow::permits(1);
    let waits = go!(name = "for a permit", |permits| {
        let first = take!(permits);
        let second = take!(permits);
        (first, second)
    });
    let waits_for_group = go!(name = "has a group", {
        let group = Group::new();
        go!(group = group, { std::future::pending::<()>().await });
        take!(group)
    });
    Box::new((
        (
            inputs, onto, numbers, piped, pipe, through, split, zip, zip_each, merge, mix,
        ),
        (
            mixed,
            mix_inputs,
            mult,
            taps,
            broadcast,
            subscribers,
            topics,
            odd,
        ),
        (
            watch,
            pipeline,
            batch,
            ticker,
            debounce,
            throttle,
            permits,
            waits,
            waits_for_group,
        ),
    ))
}

#[test]
fn one_of_each_is_shown() {
    let scheduler = Scheduler::virtual_time();
    let _kept = scheduler.enter(one_of_each);
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    expect_file!["flow_dump.txt"].assert_eq(&format!("{snapshot:160}\n"));
    expect_file!["flow_dump.dot"].assert_eq(&snapshot.graph().to_dot());
}
