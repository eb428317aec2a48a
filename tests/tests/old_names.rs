//! The names of before 0.1, for the programs that still use them. This goes away with them.
#![allow(deprecated)]

use async_dsl::chan::{self, TryPut, TryTake};
use async_dsl::scheduler::Scheduler;

#[test]
fn the_old_names_of_errors_are_those_types() {
    let c = chan::fixed(1);
    c.try_put(1).unwrap();
    let full: TryPut<u32> = c.try_put(2).unwrap_err();
    assert!(matches!(full, TryPut::Full(2)));
    assert_eq!(Err(2), c.try_put(2).map_err(TryPut::into_inner));
    c.close();
    assert_eq!(c.try_put(2), Err(TryPut::Closed(2)));
    assert_eq!(c.try_take(), Ok(1));
    let ended: TryTake = c.try_take().unwrap_err();
    assert!(matches!(ended, TryTake::Closed));
    assert_eq!(chan::chan::<u32>().try_take(), Err(TryTake::Empty));
}

#[test]
fn what_waits_compares_with_a_pair_of_takers_and_putters() {
    let c = chan::fixed::<u32>(1);
    assert_eq!(c.waiting(), (0, 0));
    let scheduler = Scheduler::manual();
    let _take = scheduler.spawn({
        let c = c.clone();
        async move { c.take().await }
    });
    assert_eq!(scheduler.tasks(), 1);
    scheduler.run_until_parked();
    assert_eq!(c.waiting(), (1, 0));
    assert_ne!(c.waiting(), (0, 1));
    let waiting = c.waiting();
    assert_eq!((waiting.putters, waiting.takers), (0, 1));
}
