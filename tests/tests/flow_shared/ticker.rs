//! Ticks: when they are due, what becomes of those that are missed, when the task of the ticker ends.

use std::time::Duration;

use async_dsl::flow::{self, Missed};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::time;

fn millis(since: time::Instant) -> u128 {
    (time::now() - since).as_millis()
}

#[async_dsl::test]
async fn ticks_are_due_a_whole_number_of_periods_after_the_call() {
    let start = time::now();
    let ticker = flow::ticker(7ms);
    for n in 1..=5_u32 {
        let due = take!(ticker).unwrap();
        assert_eq!(due - start, 7ms * n);
        assert_eq!(time::now(), due);
        // What is done between two ticks does not shift them.
        sleep!(3ms);
    }
}

/// When five ticks of every 10 ms are taken, and when they were due, if the first is taken after `wait`.
fn taken(missed: Missed, wait: Duration) -> (Vec<u128>, Vec<u128>, u64) {
    Scheduler::virtual_time().block_on(async_block!({
        let start = time::now();
        let ticker = flow::ticker_with(10ms, missed);
        sleep!(wait);
        let (mut taken, mut due) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            due.push((take!(ticker).unwrap() - start).as_millis());
            taken.push(millis(start));
        }
        (taken, due, ticker.discarded())
    }))
}

#[test]
fn ticks_that_are_missed_are_skipped_made_up_for_or_delay_the_others() {
    let late = Duration::from_millis(35);
    let on_time = vec![10, 20, 30, 40, 50];
    assert_eq!(
        taken(Missed::Skip, late),
        (vec![35, 40, 50, 60, 70], vec![10, 40, 50, 60, 70], 2)
    );
    assert_eq!(
        taken(Missed::Burst, late),
        (vec![35, 35, 35, 40, 50], on_time.clone(), 0)
    );
    assert_eq!(
        taken(Missed::Delay, late),
        (vec![35, 45, 55, 65, 75], vec![10, 45, 55, 65, 75], 0)
    );
    for missed in [Missed::Skip, Missed::Burst, Missed::Delay] {
        let nothing = Duration::ZERO;
        assert_eq!(
            taken(missed, nothing),
            (on_time.clone(), on_time.clone(), 0)
        );
    }
    // A whole number of periods late: the tick that is due at that moment is one of those that are left out.
    let exactly = Duration::from_millis(40);
    assert_eq!(taken(Missed::Skip, exactly).0, [40, 50, 60, 70, 80]);
}

#[async_dsl::test]
async fn a_tick_is_an_arm_and_no_arm_that_loses_takes_one() {
    let start = time::now();
    let (ticker, other) = (flow::ticker(10ms), chan());
    go!(|other| {
        for n in 0..6 {
            sleep!(4ms);
            put!(other, n).unwrap();
        }
    });
    let mut ticks = Vec::new();
    let mut others = 0;
    while ticks.len() < 3 {
        alt! {
            due = take!(ticker) => ticks.push((due.unwrap() - start).as_millis()),
            _ = take!(other) => others += 1,
        }
    }
    assert_eq!((ticks, others), (vec![10, 20, 30], 6));
}

#[test]
fn a_ticker_stops_when_nobody_takes() {
    let scheduler = Scheduler::virtual_time();
    scheduler.enter(|| {
        // One that is parked in a put, and one that sleeps.
        let (full, new) = (
            flow::ticker(Duration::from_millis(1)),
            flow::ticker(Duration::MAX),
        );
        scheduler.advance(Duration::from_millis(5));
        scheduler.run_until_parked();
        assert_eq!(scheduler.snapshot().tasks.len(), 2);
        assert_eq!(
            scheduler.snapshot().tasks[0].name.as_deref(),
            Some("ticker")
        );
        drop((full, new));
    });
    scheduler.run_until_parked();
    assert!(scheduler.snapshot().tasks.is_empty());
}

#[test]
#[should_panic = "the period of a ticker is not 0"]
fn a_period_of_nothing_is_refused() {
    drop(flow::ticker(Duration::ZERO));
}
