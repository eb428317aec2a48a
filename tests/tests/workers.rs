//! The workers of the global scheduler.

use std::collections::HashSet;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_dsl::scheduler::{Scheduler, set_workers};
use async_dsl::time;

async fn yield_once() {
    let mut first = true;
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::take(&mut first) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

fn message_of<R>(f: impl FnOnce() -> R) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else {
        panic!("it did not panic");
    };
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}

/// Re-run by the tests below in a process of its own.
#[test]
#[ignore = "a part of other tests"]
fn part_name_the_workers() {
    let names = Arc::new(Mutex::new(HashSet::new()));
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    // Tasks that stay on their thread until every worker has one.
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let names = Arc::clone(&names);
            Scheduler::global().spawn(async move {
                let name = std::thread::current().name().unwrap().to_owned();
                names.lock().unwrap().insert(name);
                while names.lock().unwrap().len() < 3 && std::time::Instant::now() < deadline {
                    std::thread::yield_now();
                }
            })
        })
        .collect();
    for task in tasks {
        async_dsl::block_on(task);
    }
    let mut names: Vec<_> = names.lock().unwrap().drain().collect();
    names.sort();
    println!("workers: {}", names.join(" "));
}

#[test]
#[ignore = "a part of other tests"]
fn part_set_the_workers() {
    // The clock is there before anything is started.
    assert_eq!(Scheduler::global().pending_timers(), 0);
    let later = time::now() + Duration::from_millis(1);
    async_dsl::block_on(time::sleep_until(later));
    assert!(Scheduler::global().now() >= later);
    set_workers(3);
    part_name_the_workers();
    println!("late: {}", message_of(|| set_workers(2)));
}

fn run_part(part: &str, workers: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", part, "--ignored", "--nocapture"])
        .env("ASYNC_DSL_WORKERS", workers)
        .output()
        .unwrap()
}

const THREE: &str = "workers: async-dsl-worker-0 async-dsl-worker-1 async-dsl-worker-2\n";

/// C1
#[test]
fn workers_are_counted_and_named() {
    let output = run_part("part_name_the_workers", "3");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(THREE), "{text}");
}

/// C1
#[test]
fn the_program_sets_the_workers_before_the_environment_does() {
    let output = run_part("part_set_the_workers", "1");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(THREE), "{text}");
    assert!(
        text.contains("late: the number of workers can't be set any more"),
        "{text}"
    );
}

#[test]
fn a_wrong_number_of_workers_is_said_to_be_wrong() {
    for wrong in ["0", "many", ""] {
        let output = run_part("part_name_the_workers", wrong);
        assert!(!output.status.success());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("ASYNC_DSL_WORKERS is"), "{text}");
    }
    assert!(message_of(|| set_workers(0)).contains("at least one worker"));
}

#[test]
fn a_hundred_thousand_tasks_from_many_threads() {
    const THREADS: usize = 10;
    const EACH: usize = 10_000;
    let sum = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let sum = Arc::clone(&sum);
            std::thread::spawn(move || {
                let tasks: Vec<_> = (0..EACH)
                    .map(|n| {
                        let sum = Arc::clone(&sum);
                        Scheduler::global().spawn(async move {
                            yield_once().await;
                            sum.fetch_add(n, Ordering::Relaxed);
                        })
                    })
                    .collect();
                for task in tasks {
                    async_dsl::block_on(task);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(sum.load(Ordering::Relaxed), THREADS * EACH * (EACH - 1) / 2);
}

/// E1: more panics than workers.
#[test]
fn no_worker_dies_of_a_panic() {
    let tasks: Vec<_> = (0..100)
        .map(|_| Scheduler::global().spawn(async { std::panic::resume_unwind(Box::new(())) }))
        .collect::<Vec<async_dsl::task::Task<()>>>();
    for task in tasks {
        assert!(async_dsl::block_on(task.outcome()).is_err());
    }
    assert_eq!(
        async_dsl::block_on(Scheduler::global().spawn(async { 42 })),
        42
    );
}
