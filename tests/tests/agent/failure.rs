//! Actions that fail, and what remains.

use std::error::Error;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_dsl::agent::{AgentError, ErrorMode, SendError, agent};
use async_dsl::ops::yield_now::yield_now;
use async_dsl::promise::promise;
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
#[test]
fn a_failed_agent_gives_its_error_until_it_is_restarted() {
    let scheduler = Scheduler::manual();
    let agent = agent(3);
    on(&scheduler, || agent.send_as(|n| async move { Err(Odd(n)) })).unwrap();
    let line = line!() - 1;
    let told = settle(&scheduler, &agent).unwrap_err();
    for error in [told, agent.error().unwrap(), agent.get().unwrap_err()] {
        let AgentError::Failed { error, sent_at } = error else {
            panic!("{error}")
        };
        assert_eq!(error.downcast_ref::<Odd>(), Some(&Odd(3)));
        assert_eq!((sent_at.file(), sent_at.line()), (file!(), line));
    }
    let refused = agent.send(|n| async move { n + 1 }).unwrap_err();
    assert!(matches!(refused, SendError::Failed(_)), "{refused}");
    assert!(refused.to_string().contains("3 is odd"), "{refused}");
    assert_eq!(agent.last_good(), 3);

    assert!(agent.restart(42));
    assert_eq!(agent.get().unwrap(), 42);
    assert!(agent.error().is_none());
    assert!(!agent.restart(0));
    assert_eq!(agent.get().unwrap(), 42);
}

#[test]
fn a_panicking_action_leaves_the_last_good_state() {
    let scheduler = Scheduler::manual();
    let agent = agent(1);
    on(&scheduler, || {
        agent.send(|n| async move { n + 1 })?;
        agent.send(|_| async { panic!("no more {}", "fuel") })
    })
    .unwrap();
    let line = line!() - 3;
    let error = settle(&scheduler, &agent).unwrap_err();
    assert!(error.to_string().contains("no more fuel"), "{error}");
    assert!(
        error.to_string().contains(&format!("failure.rs:{line}")),
        "{error}"
    );
    assert!(matches!(error, AgentError::Panicked { .. }));
    assert_eq!(agent.last_good(), 2);
}

#[test]
fn what_is_queued_on_a_failed_agent_waits_for_the_restart() {
    let scheduler = Scheduler::manual();
    let agent = agent(1);
    on(&scheduler, || {
        agent.send_as(|_| async { Err("no") })?;
        agent.send(|n| async move { n + 1 })?;
        agent.send(|n| async move { n * 10 })
    })
    .unwrap();
    settle(&scheduler, &agent).unwrap_err();
    assert_eq!((agent.queued(), agent.is_idle()), (2, false));
    assert_eq!(scheduler.tasks(), 0);
    assert!(on(&scheduler, || agent.restart(4)));
    settle(&scheduler, &agent).unwrap();
    assert_eq!(agent.get().unwrap(), 50);
}

#[test]
fn in_continue_mode_failures_are_skipped() {
    let scheduler = Scheduler::manual();
    let agent = agent(1).error_mode(ErrorMode::Continue);
    on(&scheduler, || {
        agent.send_as(|_| async { Err("no") })?;
        agent.send(|n| async move { n + 1 })?;
        agent.send(|_| async { panic!("never mind") })?;
        agent.send(|n| async move { n * 10 })
    })
    .unwrap();
    settle(&scheduler, &agent).unwrap();
    assert_eq!(agent.get().unwrap(), 20);
    assert!(agent.error().is_none());
}

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
        agent.send_as(|_| async { Err("hook-skipped") })?;
        agent.send(|_| async { panic!("hook-panicked") })
    })
    .unwrap();
    settle(&scheduler, &agent).unwrap();
    assert!(saw("hook-skipped") && saw("hook-panicked"));
    let agent = agent.error_mode(ErrorMode::Fail);
    on(&scheduler, || {
        agent.send_as(|_| async { Err("hook-failed") })
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

#[test]
fn a_panic_of_the_state_itself_does_not_end_the_runner() {
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
    let scheduler = Scheduler::manual();
    let agent = agent(Fragile(None)).error_mode(ErrorMode::Continue);
    on(&scheduler, || {
        agent.send(|_| async { Fragile(Some("drop")) })?;
        agent.send(|_| async { Fragile(Some("clone")) })?;
        agent.send(|_| async { Fragile(None) })
    })
    .unwrap();
    settle(&scheduler, &agent).unwrap();
    // The last action was given a clone of what cannot be cloned: it failed, and the state is that of before.
    assert_eq!(agent.with(|state| state.0).unwrap(), Some("clone"));
}

#[test]
fn a_resolver_lost_by_a_panicking_action_says_why() {
    let scheduler = Scheduler::manual();
    let agent = agent(0).error_mode(ErrorMode::Continue);
    let (resolver, promise) = promise::<u32>();
    let action = move |_| async move {
        let _resolver = resolver;
        yield_now().await;
        panic!("lost it")
    };
    on(&scheduler, || {
        agent.send(|n| async move { n + 1 })?;
        agent.send(action)
    })
    .unwrap();
    let line = line!() - 3;
    let broken = scheduler.block_on(promise).unwrap_err();
    assert_eq!(broken.panic_message(), Some("lost it"));
    assert_eq!(broken.task().map(std::panic::Location::line), Some(line));
    settle(&scheduler, &agent).unwrap();
}
