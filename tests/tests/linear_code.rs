//! Words wherever Rust has an expression: the compiler makes the state machine, these pin our rewriting.

// The odd shapes are what is tested.
#![allow(
    clippy::async_yields_async,
    clippy::never_loop,
    clippy::no_effect_underscore_binding,
    clippy::nonminimal_bool,
    clippy::overly_complex_bool_expr
)]

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// A channel that gives 1, 2, 3, … `n`, and is closed. Whether a take finds its value or parks is up to the schedule.
fn numbers(n: u32) -> Chan<u32> {
    let c = chan::fixed(1);
    go!(|c| {
        for i in 1..=n {
            put!(c, i).unwrap();
        }
        c.close();
    });
    c
}

// I1
#[async_dsl::test]
async fn words_stand_in_every_statement() {
    let c = numbers(20);
    let first = { take!(c) };
    assert_eq!(first, Some(1));
    let branch = if take!(c) == Some(2) { take!(c) } else { None };
    assert_eq!(branch, Some(3));
    let arm = match take!(c) {
        Some(n) if Some(n + 1) == take!(c) => take!(c),
        other => other,
    };
    assert_eq!(arm, Some(6));
    let mut sum = 0;
    while let Some(n) = take!(c) {
        sum += n;
        if n == 9 {
            break;
        }
    }
    assert_eq!(sum, 7 + 8 + 9);
    for n in 0..take!(c).unwrap() {
        sum += n;
    }
    assert_eq!(sum, 24 + 45);
    let broken = loop {
        break take!(c);
    };
    assert_eq!(broken, Some(11));
    let labelled = 'outer: loop {
        for _ in 0..2 {
            match take!(c) {
                Some(12) => continue 'outer,
                Some(13) => break 'outer take!(c),
                _ => unreachable!("those come first"),
            }
        }
    };
    assert_eq!(labelled, Some(14));
    let Some(fifteen) = take!(c) else {
        panic!("there is one")
    };
    assert_eq!(fifteen, 15);
}

// I2, I3
#[async_dsl::test]
async fn words_stand_in_every_expression_and_run_left_to_right() {
    struct Pair {
        left: u32,
        right: u32,
    }
    let sub = |a: u32, b: u32| b - a;
    async_block!({
        let c = numbers(30);
        assert_eq!(sub(take!(c).unwrap(), take!(c).unwrap()), 1);
        assert_eq!(take!(c).unwrap().pow(2), 9);
        assert_eq!((take!(c), take!(c)), (Some(4), Some(5)));
        assert_eq!([take!(c), take!(c)], [Some(6), Some(7)]);
        let pair = Pair {
            left: take!(c).unwrap(),
            right: take!(c).unwrap(),
        };
        assert_eq!((pair.left, pair.right), (8, 9));
        assert_eq!((take!(c).unwrap()..take!(c).unwrap()).count(), 1);
        assert_eq!([0; 13][take!(c).unwrap() as usize], 0);
        assert_eq!(take!(c).unwrap() * 100 + take!(c).unwrap(), 1314);
        assert!(!(false && take!(c).is_some()), "not run");
        assert!(true || take!(c).is_some(), "not run");
        assert_eq!(take!(c), Some(15));
    })
    .await;
}

// I4
#[async_dsl::test]
async fn words_stand_in_macros() {
    macro_rules! twice {
        ($e:expr) => {
            $e + $e
        };
    }
    async_block!({
        let c = numbers(20);
        assert_eq!(format!("{:?} {}", take!(c), take!(c).unwrap()), "Some(1) 2");
        assert_eq!(vec![take!(c); 2], [Some(3), Some(3)]);
        assert!(matches!(take!(c), Some(n) if n == 4));
        assert_eq!(twice!(take!(c).unwrap()), 5 + 6);
        macro_rules! next {
            () => {
                take!(c)
            };
        }
        assert_eq!(next!(), Some(7));
    })
    .await;
}

// I5
#[async_dsl::test]
async fn what_is_taken_can_be_taken_apart() {
    struct Point {
        x: u32,
        y: (u32, [u32; 3]),
    }
    let c = chan();
    c.try_put(Point {
        x: 1,
        y: (2, [3, 4, 5]),
    })
    .ok()
    .unwrap();
    let Some(Point {
        x,
        y: (two, [first, .., ref last]),
    }) = take!(c)
    else {
        panic!("there is one")
    };
    assert_eq!((x, two, first, *last), (1, 2, 3, 5));
}

// I6, I14
#[async_dsl::test]
async fn openers_nest() {
    async_block!({
        let task: Task<Task<u32>> = go!({
            go!({
                yield_now!();
                7
            })
        });
        assert_eq!(await!(await!(task)), 7);
        let nothing: () = await!(go!({}));
        assert_eq!(nothing, ());
    })
    .await;
}

// I7
#[async_dsl::test]
async fn a_local_or_a_function_of_a_words_name_changes_nothing() {
    fn put(n: u32) -> u32 {
        n + 1
    }
    let take = numbers(2);
    let alt = take!(take).map(put);
    assert_eq!(alt, Some(2));
    let (value, permit, choice) = (1, 2, 3);
    let sum = alt! {
        got = take!(take) => got.unwrap() + value + permit + choice,
    };
    assert_eq!(sum, 8);
}

// I9
#[async_dsl::test]
async fn question_mark_and_return_leave_the_task() {
    async_block!({
        let c = numbers(1);
        let failed = go!(|c| -> Result<u32, std::num::ParseIntError> {
            let n: u32 = "none".parse()?;
            Ok(n + take!(c).unwrap_or(0))
        });
        assert!(await!(failed).is_err());
        let returned = go!(|c| -> Option<u32> {
            if take!(c) == Some(1) {
                return Some(42);
            }
            None
        });
        assert_eq!(await!(returned), Some(42));
    })
    .await;
}

/// Notes when it is dropped.
struct Noted(char, Arc<Mutex<String>>);

impl Drop for Noted {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

// I10
#[async_dsl::test]
async fn locals_are_dropped_once_in_reverse_order_however_a_task_ends() {
    for end in ["end", "return", "panic", "cancel"] {
        let log = Arc::new(Mutex::new(String::new()));
        let never = chan::<()>();
        let task = go!(|log, never| {
            let _first = Noted('1', Arc::clone(&log));
            for _ in 0..1 {
                let _inner = Noted('i', Arc::clone(&log));
                yield_now!();
            }
            let _second = Noted('2', log);
            match end {
                "return" => return,
                "panic" => panic!("at the end"),
                "cancel" => drop(take!(never)),
                _ => yield_now!(),
            }
        });
        sleep!(1s);
        if end == "cancel" {
            task.cancel().await;
        } else {
            assert_eq!(task.outcome().await.is_err(), end == "panic");
        }
        assert_eq!(*log.lock().unwrap(), "i21", "{end}");
    }
}

// I11
#[async_dsl::test]
async fn an_error_branch_may_park() {
    let c = numbers(1);
    let got = match "none".parse::<u32>() {
        Ok(n) => Some(n),
        Err(_) => take!(c),
    };
    assert_eq!(got, Some(1));
}

// I13
#[async_dsl::test]
async fn async_blocks_and_async_closures_are_linear_code() {
    let c = numbers(3);
    let later = async { take!(c) };
    let add = async |n: u32| take!(c).unwrap() + n;
    assert_eq!(add(10).await, 11);
    assert_eq!(later.await, Some(2));
}

// I15
#[async_dsl::test]
async fn parked_puts_and_takes_come_back_in_order() {
    async_block!({
        let c = chan::fixed(1);
        let putter = go!(|c| {
            for word in ["foo", "bar", "baz", "boz"] {
                put!(c, word).unwrap();
            }
        });
        yield_now!();
        assert_eq!([take!(c), take!(c), take!(c), take!(c)], ["foo", "bar", "baz", "boz"].map(Some));
        await!(putter);
    })
    .await;
}

// I18: compiles without a warning
#[async_dsl::test]
async fn an_unused_capture_is_no_mistake() {
    async_block!({
        let (unused, none) = (chan::<u32>(), None::<u32>);
        assert_eq!(await!(go!(|unused| none)), None);
        drop(unused);
    })
    .await;
}

// S36: driven by hand, for the order of the turns
#[test]
fn one_park_beats_three() {
    let scheduler = Scheduler::manual();
    let first = Arc::new(Mutex::new(Vec::new()));
    scheduler.enter(|| {
        for parks in [3, 1] {
            go!(|first| {
                for _ in 0..parks {
                    yield_now!();
                }
                first.lock().unwrap().push(parks);
            });
        }
    });
    scheduler.run_until_parked();
    assert_eq!(*first.lock().unwrap(), [1, 3]);
}

// A7: completing an operation never runs the partner's code on this stack; driven by hand to see it
#[test]
fn a_put_does_not_run_its_taker() {
    thread_local!(static RAN: Cell<bool> = const { Cell::new(false) });
    let scheduler = Scheduler::manual();
    let c = chan::fixed(0);
    scheduler.enter(|| {
        go!(|c| {
            take!(c);
            RAN.set(true);
        });
    });
    scheduler.run_until_parked();
    c.try_put(1).unwrap();
    assert!(!RAN.get());
    scheduler.run_until_parked();
    assert!(RAN.get());
}
