//! Programs that are asked to end, each in a process of its own.
#![cfg(unix)]

use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::shutdown_token;
use async_dsl_tests::part::Part;
use rustix::process::Signal;

/// Says when it is dropped.
struct Says(&'static str);

impl Drop for Says {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

/// Its task ends after main, with other tasks that it starts.
#[test]
#[ignore = "a part of another test"]
fn part_in_good_order() {
    #[async_dsl::main(graceful = 10min)]
    async fn main() {
        let token = shutdown_token().child();
        let (returns, main_returns) = promise::<()>();
        go!(|token| {
            token.cancelled().await;
            main_returns.await.expect_err("main has it");
            let text = thread!({ "the task ended" }).await;
            go!({
                sleep!(100ms);
                println!("{text}");
            });
        });
        println!("started");
        token.cancelled().await;
        println!("main ended");
        drop(returns);
    }
    main();
}

#[test]
fn the_first_signal_cancels_the_token_and_waits_for_all_tasks() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut part = Part::start("part_in_good_order");
        part.said.until("started");
        part.signal(signal);
        part.said.until("main ended");
        part.said.until("the task ended");
        let status = part.ends();
        assert!(status.success(), "{status}");
    }
}

/// Nothing in it ends.
#[test]
#[ignore = "a part of another test"]
fn part_obstinate() {
    #[async_dsl::main(graceful = 10min)]
    async fn main() {
        go!({
            shutdown_token().cancelled().await;
            println!("asked");
            std::future::pending::<()>().await;
        });
        println!("started");
        std::future::pending::<()>().await;
    }
    main();
}

#[test]
fn the_second_signal_ends_the_program_at_once() {
    let mut part = Part::start("part_obstinate");
    part.said.until("started");
    part.signal(Signal::INT);
    part.said.until("asked");
    part.signal(Signal::TERM);
    assert_eq!(part.ends().code(), Some(130), "of the first one");
}

/// Main and a task have no end, and something to drop.
#[test]
#[ignore = "a part of another test"]
fn part_too_slow() {
    const GRACE: Duration = Duration::from_millis(50);
    #[async_dsl::main(graceful = GRACE)]
    async fn main() {
        let _main = Says("main was dropped");
        let task = Says("the task was dropped");
        go!({
            let _task = task;
            std::future::pending::<()>().await;
        });
        println!("started");
        std::future::pending::<()>().await;
    }
    main();
}

#[test]
fn when_the_time_is_over_all_is_dropped() {
    let mut part = Part::start("part_too_slow");
    part.said.until("started");
    part.signal(Signal::TERM);
    part.said.until("main was dropped");
    part.said.until("the task was dropped");
    assert_eq!(part.ends().code(), Some(143));
}

/// Main never parks.
#[test]
#[ignore = "a part of another test"]
fn part_blocked() {
    #[async_dsl::main(graceful = 50ms)]
    async fn main() {
        println!("started");
        loop {
            std::thread::park();
        }
    }
    main();
}

#[test]
fn a_main_that_blocks_does_not_hold_the_program() {
    let mut part = Part::start("part_blocked");
    part.said.until("started");
    part.signal(Signal::INT);
    assert_eq!(part.ends().code(), Some(130));
}

/// It asks itself.
#[test]
#[ignore = "a part of another test"]
fn part_by_hand() {
    #[async_dsl::main(graceful = 50ms)]
    async fn main() -> &'static str {
        let task = Says("the task was dropped");
        go!({
            let _task = task;
            std::future::pending::<()>().await;
        });
        shutdown_token().cancel();
        "main returned"
    }
    println!("{}", main());
}

#[test]
fn a_program_that_asks_itself_waits_for_its_tasks_too() {
    let mut part = Part::start("part_by_hand");
    part.said.until("the task was dropped");
    part.said.until("main returned");
    assert!(part.ends().success());
}

/// It is not asked.
#[test]
#[ignore = "a part of another test"]
fn part_not_asked() {
    #[async_dsl::main(workers = 1, graceful = 10min)]
    async fn main() {
        let task = Says("the task was dropped");
        go!({
            let _task = task;
            std::future::pending::<()>().await;
        });
    }
    main();
}

#[test]
fn a_program_that_is_not_asked_ends_with_main() {
    let mut part = Part::start("part_not_asked");
    assert!(part.ends().success());
    assert!(!part.said.rest().contains("dropped"));
}

#[test]
fn the_token_is_the_same_everywhere() {
    let child = shutdown_token().child();
    assert!(!child.is_cancelled());
    let task = go!({ shutdown_token().child() });
    shutdown_token().cancel();
    assert!(child.is_cancelled());
    assert!(async_dsl::block_on(task).is_cancelled());
}
