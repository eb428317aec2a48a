//! `alt!`: how long the temporaries of its arms live, and their attributes.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::inspect::WaitsFor;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// What happened, in order, and a channel behind a guard that says when it is dropped.
struct Hub {
    said: RefCell<Vec<&'static str>>,
    jobs: Chan<u32>,
}

struct Guard<'a>(&'a Hub);

impl Hub {
    fn new() -> Self {
        let (said, jobs) = (RefCell::default(), chan::fixed(1));
        Self { said, jobs }
    }

    fn say(&self, what: &'static str) {
        self.said.borrow_mut().push(what);
    }

    /// A guard, which says that it is made.
    fn lock(&self) -> Guard<'_> {
        self.say("lock");
        Guard(self)
    }
}

impl Guard<'_> {
    fn jobs(&self) -> &Chan<u32> {
        &self.0.jobs
    }

    fn value(&self) -> u32 {
        self.0.say("value");
        7
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.say("unlock");
    }
}

#[async_dsl::test]
async fn temporaries_of_operands_live_as_long_as_in_a_match_conditions_or_not() {
    let yes = true;
    for form in 0..5 {
        let hub = Hub::new();
        hub.jobs.try_put(1).unwrap();
        match form {
            0 => match hub.lock().jobs().try_take() {
                Ok(_) => hub.say("handler"),
                Err(_) => unreachable!(),
            },
            1 => alt! {
                _ = take!(hub.lock().jobs()) => hub.say("handler"),
                sleep!(1s) => unreachable!(),
            },
            2 => alt! {
                _ = take!(hub.lock().jobs()) => hub.say("handler"),
                sleep!(1s), if yes => unreachable!(),
            },
            3 => alt! {
                _ = take!(hub.lock().jobs()), if yes => hub.say("handler"),
                sleep!(1s) => unreachable!(),
            },
            _ => alt! {
                biased;
                sleep!(1s), if !yes => unreachable!(),
                _ = take!(hub.lock().jobs()), if yes => hub.say("handler"),
                default => unreachable!(),
            },
        }
        hub.say("after");
        let said = hub.said.borrow().join(" ");
        assert_eq!(said, "lock handler unlock after", "form {form}");
    }
}

#[async_dsl::test]
async fn temporaries_of_a_put_value_are_made_if_it_wins_and_gone_before_the_handler() {
    let yes = true;
    for form in 0..3 {
        let hub = Hub::new();
        let full = chan::fixed::<u32>(0);
        match form {
            0 => alt! {
                sent = put!(hub.jobs, hub.lock().value()) => {
                    sent.unwrap();
                    hub.say("handler");
                }
            },
            1 => alt! {
                put!(hub.jobs, hub.lock().value()), if yes => hub.say("handler"),
                sleep!(1s) => unreachable!(),
            },
            _ => alt! {
                _ = put!(full, hub.lock().value()), if yes => unreachable!(),
                _ = put!(full, hub.lock().value()) => unreachable!(),
                default => hub.say("lock value unlock handler"),
            },
        }
        let said = hub.said.borrow().join(" ");
        assert_eq!(said, "lock value unlock handler", "form {form}");
    }
}

#[async_dsl::test]
async fn temporaries_of_a_condition_are_gone_before_the_operand() {
    let hub = Hub::new();
    alt! {
        _ = take!(hub.jobs), if hub.lock().value() == 7 => {}
        _ = take!({ hub.say("operand"); &hub.jobs }) => {}
        default => hub.say("default"),
    }
    let said = hub.said.borrow().join(" ");
    assert_eq!(said, "lock value unlock operand default");
}

#[async_dsl::test]
async fn operands_are_evaluated_in_order_and_only_if_their_condition_holds() {
    let said = RefCell::new(String::new());
    let say = |what: &str| {
        said.borrow_mut().push_str(what);
        chan::fixed::<u32>(1)
    };
    let pick = |_: &Chan<u32>, _: Chan<u32>, _: &Chan<u32>| chan::fixed::<u32>(1);
    for no in [true, false] {
        alt! {
            _ = take!(say("a")) => {}
            _ = put!(pick(&say("b"), say("c"), &say("d")).clone(), 1), if no => {}
            _ = take!(say("e")), if { say("?"); !no } => {}
            _ = take!([say("f"), say("g")][usize::from(no)]) => {}
            default => {}
        }
    }
    assert_eq!(said.into_inner(), "abcd?fga?efg");
}

/// Whether a thing is there to be counted.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_dsl::test]
async fn an_operand_that_leaves_drops_what_was_made_before_it() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);

    #[linear]
    async fn leaves() -> Option<u32> {
        let yes = true;
        let made = || (Counted(&DROPPED), chan::<u32>());
        alt! {
            value = take!(made().1) => value,
            value = take!(made().1), if yes => value,
            value = take!(None::<Chan<u32>>?), if yes => value,
            value = take!(made().1) => value,
        }
    }

    let before = DROPPED.load(Ordering::Relaxed);
    assert_eq!(leaves().await, None);
    assert_eq!(DROPPED.load(Ordering::Relaxed) - before, 2);
}

#[async_dsl::test]
async fn a_cfg_takes_an_arm_away() {
    let c = chan::fixed(1);
    c.try_put(1).unwrap();
    let won = alt! {
        biased;
        #[cfg(not(test))]
        _ = take!(there::is::no::such(channel)) => unreachable!(),
        #[cfg(all())]
        #[cfg(any())]
        value = put!(c, nothing), if never => value.lost(),
        #[cfg(test)]
        value = take!(c) => value,
        #[cfg_attr(test, cfg(any()))]
        sleep!(for_ever) => unreachable!(),
    };
    assert_eq!(won, Some(1));
}

#[async_dsl::test]
async fn a_cfg_chooses_among_defaults_also_as_the_last_arm_that_is_there() {
    let c = chan::<u32>();
    let won = alt! {
        #[cfg(not(test))]
        _ = take!(c) => 1,
        #[cfg(not(test))]
        default => 2,
        #[cfg(test)]
        default => 3,
    };
    assert_eq!(won, 3);
    let only = alt! {
        #[cfg(not(test))]
        default => 4,
        #[cfg(test)]
        closed = take!({ c.close(); &c }) => if closed.is_none() { 5 } else { 6 },
    };
    assert_eq!(only, 5);
}

#[test]
fn an_arm_that_is_not_there_is_not_shown() {
    // Driven by hand: a snapshot of a parked task.
    let (scheduler, open) = (Scheduler::manual(), chan::<u32>());
    scheduler.enter(|| {
        let never = false;
        go!(|open| {
            alt! {
                #[cfg(not(test))]
                _ = take!(absent) => {}
                _ = take!(open), if never => {}
                #[cfg(not(test))]
                _ = take!(absent) => {}
                #[cfg(test)]
                _ = take!(open.clone()) => {}
                sleep!(1s) => {}
            }
        });
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let parked = &snapshot.tasks[0].parked;
    let shown: Vec<_> = parked.iter().map(|arm| arm.text.as_str()).collect();
    assert_eq!(shown, ["take!(open)", "take!(open.clone())", "sleep!(1s)"]);
    assert!(matches!(parked[0].waits_for, WaitsFor::Nothing));
    assert!(matches!(parked[1].waits_for, WaitsFor::Take(_)));
}
