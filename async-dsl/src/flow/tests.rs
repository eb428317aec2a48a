//! What a stage costs, in critical sections of channels.

use super::{
    batch, debounce, from_iter, merge, mix, mult, onto, pipe, pipeline, pipeline_unordered, split,
    throttle, through, topics, zip,
};
use crate::chan::{self, SECTIONS, Taker};
use crate::scheduler::Scheduler;

const VALUES: u64 = 1000;

fn full() -> Taker<u64> {
    let (putter, taker) = chan::chan().split();
    (0..VALUES).for_each(|n| putter.try_put(n).unwrap());
    taker
}

/// The sections in which the tasks of a stage pass all values on, whose outputs have room for them.
fn sections<O>(start: impl FnOnce() -> O) -> u64 {
    let scheduler = Scheduler::manual();
    let outputs = scheduler.enter(start);
    let before = SECTIONS.get();
    scheduler.run_until_parked();
    let sections = SECTIONS.get() - before;
    drop(outputs);
    u64::try_from(sections).unwrap()
}

/// A take and a put for each value, and some at the beginning, at the end, and when the budget is used up.
#[test]
fn a_stage_takes_once_and_puts_once_for_each_value() {
    let most = 2 * VALUES..2 * VALUES + 100;
    let room = 1000;
    let hour = std::time::Duration::from_secs(3600);
    for (name, sections) in [
        (
            "pipe",
            sections(|| {
                let (to, taker) = chan::fixed(room).split();
                pipe(full(), to);
                taker
            }),
        ),
        ("through", sections(|| through(full(), room, |s| s))),
        ("merge", sections(|| merge([full()], room))),
        ("split", sections(|| split(full(), room, |n| n % 2 == 0))),
        (
            "pipeline",
            sections(|| pipeline(full(), room, async |n| [n])),
        ),
        (
            "pipeline_unordered",
            sections(|| pipeline_unordered(full(), room, async |n| [n])),
        ),
        (
            "mix",
            sections(|| {
                let (mix, mixed) = mix(room);
                let input = mix.add(full());
                (mix, mixed, input)
            }),
        ),
        (
            "a mult of one tap",
            sections(|| {
                let mult = mult(full());
                (mult.tap(room), mult)
            }),
        ),
        (
            "topics with one subscriber each",
            sections(|| {
                let topics = topics(full(), |n| n % 2);
                (topics.subscribe(0, room), topics.subscribe(1, room), topics)
            }),
        ),
        // These count each value but one as discarded.
        ("debounce", sections(|| debounce(full(), hour))),
        ("throttle", sections(|| throttle(full(), hour))),
    ] {
        assert!(most.contains(&sections), "{name}: {sections}");
    }
}

#[test]
fn an_iterator_costs_a_put_for_each_value() {
    let values = || 0..VALUES;
    let (room, most) = (1000, VALUES..VALUES + 100);
    let made = sections(|| from_iter(values(), room));
    assert!(most.contains(&made), "{made}");
    let put = sections(|| {
        let (putter, taker) = chan::fixed(room).split();
        onto(putter, values());
        taker
    });
    assert!(most.contains(&put), "{put}");
}

#[test]
fn a_row_and_a_batch_are_put_once() {
    let rows = sections(|| zip((full(), full()), 1000));
    assert!((3 * VALUES..3 * VALUES + 100).contains(&rows), "{rows}");
    let batches = sections(|| batch(full(), 1000, std::time::Duration::MAX));
    assert!((VALUES..VALUES + 100).contains(&batches), "{batches}");
}
