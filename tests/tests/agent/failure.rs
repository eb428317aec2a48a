//! Actions that fail, and what remains.

use std::error::Error;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_dsl::agent::{AgentError, ErrorMode, SendError};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

use crate::{on, settle};

#[derive(Debug, PartialEq)]
struct Odd(i32);

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is odd", self.0)
    }
}

impl Error for Odd {}

// S5
#[async_dsl::test]
async fn a_failed_agent_gives_its_error_until_it_is_restarted() {
    let agent = agent(3);
    let line = line!() + 1;
    send!(agent, |n| -> Result<i32, Odd> { Err(Odd(n)) }).unwrap();
    let told = agent.settled().await.unwrap_err();
    for error in [told, agent.error().unwrap(), agent.get().unwrap_err()] {
        let AgentError::Failed { error, sent_at } = error else {
            panic!("{error}")
        };
        assert_eq!(error.downcast_ref::<Odd>(), Some(&Odd(3)));
        assert_eq!((sent_at.file(), sent_at.line()), (file!(), line));
    }
    let refused = send!(agent, |n| { n + 1 }).unwrap_err();
    assert!(matches!(refused, SendError::Failed(_)), "{refused}");
    assert!(refused.to_string().contains("3 is odd"), "{refused}");
    assert_eq!(agent.last_good(), 3);

    assert!(agent.restart(42));
    assert_eq!(agent.get().unwrap(), 42);
    assert!(agent.error().is_none());
    assert!(!agent.restart(0));
    assert_eq!(agent.get().unwrap(), 42);
}

// S5
#[async_dsl::test(seeds = 500)]
async fn who_waits_for_an_agent_that_fails_is_told() {
    let fragile = agent(1);
    let waits = [(); 2].map(|()| {
        go!(|fragile| {
            send!(fragile, |n| -> Result<i32, String> {
                yield_now!();
                if n == 2 {
                    Err("full".to_owned())
                } else {
                    Ok(n + 1)
                }
            })
            .ok();
            fragile.settled().await.is_ok()
        })
    });
    let mut settled = 0;
    for wait in waits {
        settled += usize::from(wait.await);
    }
    assert!(settled <= 1, "the second action fails");
    assert!(fragile.error().is_some());
    assert!(fragile.restart(5));
    assert_eq!(fragile.get().unwrap(), 5);
}

// S5: who sends, what fails and who restarts come in any order.
#[async_dsl::test(seeds = 500)]
async fn each_accepted_action_runs_once_whatever_fails_and_whoever_restarts() {
    let (log, steps) = (agent(Vec::new()), chan());
    let ran = Arc::new(Mutex::new(Vec::new()));
    let senders = [0, 10].map(|first| {
        go!(|log, steps, ran| {
            let mut accepted = Vec::new();
            for number in first..first + 3 {
                let (ran, within) = (Arc::clone(&ran), steps.clone());
                let sent = send!(log, |mut log: Vec<u32>| -> Result<Vec<u32>, &'static str> {
                    ran.lock().unwrap().push(number);
                    put!(within, number).unwrap();
                    if number % 10 == 1 {
                        return Err("it is that one");
                    }
                    log.push(number);
                    Ok(log)
                });
                match sent {
                    Ok(()) => accepted.push(number),
                    Err(error) => assert!(matches!(error, SendError::Failed(_)), "{error}"),
                }
                put!(steps, number).unwrap();
                yield_now!();
            }
            accepted
        })
    });
    let medics = [(); 2].map(|()| {
        go!(|log, steps| {
            for turn in 0..4 {
                put!(steps, turn).unwrap();
                yield_now!();
                if log.error().is_some() {
                    assert!(log.restart(log.last_good()), "nobody came between");
                }
            }
        })
    });
    let mut accepted = Vec::new();
    for sender in senders {
        accepted.extend(sender.await);
    }
    for medic in medics {
        medic.await;
    }
    while log.settled().await.is_err() {
        assert!(log.restart(log.last_good()));
    }
    let ran = ran.lock().unwrap().clone();
    let good: Vec<u32> = ran.iter().copied().filter(|n| n % 10 != 1).collect();
    assert_eq!(log.get().unwrap(), good);
    for first in [0, 10] {
        let of = |all: &[u32]| -> Vec<u32> {
            let own = first..first + 10;
            all.iter().copied().filter(|n| own.contains(n)).collect()
        };
        assert_eq!(of(&ran), of(&accepted));
    }
}

#[async_dsl::test]
async fn a_panicking_action_leaves_the_last_good_state() {
    let agent = agent(1);
    send!(agent, |n| { n + 1 }).unwrap();
    let line = line!() + 1;
    send!(agent, |_| { panic!("no more {}", "fuel") }).unwrap();
    let error = agent.settled().await.unwrap_err();
    assert!(error.to_string().contains("no more fuel"), "{error}");
    assert!(
        error.to_string().contains(&format!("failure.rs:{line}")),
        "{error}"
    );
    assert!(matches!(error, AgentError::Panicked { .. }));
    assert_eq!(agent.last_good(), 2);
}

#[async_dsl::test]
async fn what_is_queued_on_a_failed_agent_waits_for_the_restart() {
    let agent = agent(1);
    send!(agent, |_| -> Result<i32, &'static str> { Err("no") }).unwrap();
    send!(agent, |n| { n + 1 }).unwrap();
    send!(agent, |n| { n * 10 }).unwrap();
    agent.settled().await.unwrap_err();
    sleep!(1ms);
    assert_eq!((agent.queued(), agent.is_idle()), (2, false));
    assert!(agent.restart(4));
    agent.settled().await.unwrap();
    assert_eq!(agent.get().unwrap(), 50);
}

// Driven by hand: the scheduler's tasks are counted.
#[test]
fn a_failed_agent_has_no_runner_though_work_is_queued() {
    let scheduler = Scheduler::manual();
    let agent = agent(1);
    on(&scheduler, || {
        agent.send_fallible(|_| async { Err("no") })?;
        agent.send(|n| async move { n + 1 })
    })
    .unwrap();
    settle(&scheduler, &agent).unwrap_err();
    assert_eq!((agent.queued(), scheduler.task_count()), (1, 0));
}

#[async_dsl::test]
async fn in_continue_mode_failures_are_skipped() {
    let agent = agent(1).error_mode(ErrorMode::Continue);
    send!(agent, |_| -> Result<i32, &'static str> { Err("no") }).unwrap();
    send!(agent, |n| { n + 1 }).unwrap();
    send!(agent, |_| { panic!("never mind") }).unwrap();
    send!(agent, |n| { n * 10 }).unwrap();
    agent.settled().await.unwrap();
    assert_eq!(agent.get().unwrap(), 20);
    assert!(agent.error().is_none());
}

// Driven by hand: the hook is the process's, and a second schedule would find what the first one left.
#[test]
fn every_failure_reaches_the_hook_before_the_waiters() {
    // The hook is the process's: other tests fail their agents too.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&seen);
    async_dsl::agent::on_failure(move |error| hook.lock().unwrap().push(error.to_string()));
    let saw = |what: &str| seen.lock().unwrap().iter().any(|line| line.contains(what));

    let scheduler = Scheduler::manual();
    let agent = agent(1).error_mode(ErrorMode::Continue);
    on(&scheduler, || {
        agent.send_fallible(|_| async { Err("hook-skipped") })?;
        agent.send(|_| async { panic!("hook-panicked") })
    })
    .unwrap();
    settle(&scheduler, &agent).unwrap();
    assert!(saw("hook-skipped") && saw("hook-panicked"));
    let agent = agent.error_mode(ErrorMode::Fail);
    on(&scheduler, || {
        agent.send_fallible(|_| async { Err("hook-failed") })
    })
    .unwrap();
    settle(&scheduler, &agent).unwrap_err();
    assert!(saw("hook-failed"));
}

#[test]
fn a_shut_down_scheduler_stops_its_agents() {
    let scheduler = Scheduler::manual();
    let agent = agent(1);
    let counted = Arc::new(());
    let held = Arc::clone(&counted);
    on(&scheduler, || {
        agent.send(|n| async move {
            pending::<()>().await;
            n
        })?;
        agent.send(move |n| async move { n + i32::from(Arc::strong_count(&held) > 0) })
    })
    .unwrap();
    scheduler.run_until_parked();
    let wait = agent.settled();
    scheduler.shutdown(Duration::ZERO);
    assert!(matches!(agent.error(), Some(AgentError::Stopped)));
    assert!(matches!(
        async_dsl::block_on(wait),
        Err(AgentError::Stopped)
    ));
    assert!(matches!(agent.get(), Err(AgentError::Stopped)));
    assert!(matches!(
        agent.send(|n| async move { n }),
        Err(SendError::Stopped)
    ));
    assert_eq!((agent.last_good(), agent.queued()), (1, 0));
    assert_eq!(Arc::strong_count(&counted), 1);

    // It can go on elsewhere; one that is sent to where nothing runs any more stops again.
    let other = Scheduler::manual();
    assert!(agent.restart(5));
    on(&other, || agent.send(|n| async move { n + 1 })).unwrap();
    settle(&other, &agent).unwrap();
    assert_eq!(agent.get().unwrap(), 6);
    on(&scheduler, || agent.send(|n| async move { n + 1 })).unwrap();
    assert!(matches!(agent.error(), Some(AgentError::Stopped)));
}

#[async_dsl::test]
async fn a_panic_of_the_state_itself_does_not_end_the_runner() {
    #[derive(Debug)]
    struct Fragile(Option<&'static str>);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            assert!(self.0 != Some("clone"), "cannot be cloned");
            Self(None)
        }
    }
    impl Drop for Fragile {
        fn drop(&mut self) {
            assert!(self.0 != Some("drop"), "cannot be dropped");
        }
    }
    let agent = agent(Fragile(None)).error_mode(ErrorMode::Continue);
    send!(agent, |_| { Fragile(Some("drop")) }).unwrap();
    send!(agent, |_| { Fragile(Some("clone")) }).unwrap();
    send!(agent, |_| { Fragile(None) }).unwrap();
    agent.settled().await.unwrap();
    // The last action was given a clone of what cannot be cloned: it failed, and the state is that of before.
    assert_eq!(agent.with(|state| state.0).unwrap(), Some("clone"));
}

#[async_dsl::test]
async fn a_resolver_lost_by_a_panicking_action_says_why() {
    let agent = agent(0).error_mode(ErrorMode::Continue);
    let (resolver, promise) = promise::<u32>();
    send!(agent, |n| { n + 1 }).unwrap();
    let line = line!() + 1;
    send!(agent, |_| {
        let _resolver = resolver;
        yield_now!();
        panic!("lost it")
    })
    .unwrap();
    let broken = promise.await.unwrap_err();
    assert_eq!(broken.panic_message(), Some("lost it"));
    assert_eq!(broken.task().map(std::panic::Location::line), Some(line));
    agent.settled().await.unwrap();
}
