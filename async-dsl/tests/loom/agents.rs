//! An agent's queue: two who send, each with a scheduler of its own that it drives. The agent's actions run on the scheduler of
//! the one who found it idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_dsl::agent::AgentError;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::yield_now;
use loom::future::block_on;
use loom::thread;

use super::model;

/// What is known of the actions that run: std's atomics, with which nothing is to be interleaved.
#[derive(Default)]
struct Runs {
    now: AtomicBool,
    over: AtomicUsize,
}

/// An action that adds one, and lets the others run meanwhile. Another one at the same time would be one of a second runner.
fn send_one(agent: &Agent<usize>, runs: &Arc<Runs>) -> bool {
    let runs = Arc::clone(runs);
    let action = |count| async move {
        assert!(!runs.now.swap(true, Ordering::Relaxed), "two runners");
        yield_now().await;
        runs.now.store(false, Ordering::Relaxed);
        runs.over.fetch_add(1, Ordering::Relaxed);
        count + 1
    };
    agent.send(action).is_ok()
}

/// Sends one action, and drives a scheduler until nothing is left to do on it.
fn send_and_run(agent: &Agent<usize>, runs: &Arc<Runs>) {
    let scheduler = Scheduler::manual();
    assert!(scheduler.enter(|| send_one(agent, runs)));
    scheduler.run_until_parked();
}

#[test]
fn no_action_is_lost_when_the_runner_goes_idle() {
    model(|| {
        let agent = agent(0);
        let runs = Arc::new(Runs::default());
        let (own, counts) = (agent.clone(), Arc::clone(&runs));
        let other = thread::spawn(move || send_and_run(&own, &counts));
        send_and_run(&agent, &runs);
        other.join().unwrap();
        assert_eq!(agent.get().unwrap(), 2);
        assert!(agent.is_idle());
    });
}

#[test]
fn a_wait_to_settle_ends_after_the_actions_before_it() {
    model(|| {
        let agent = agent(0);
        let runs = Arc::new(Runs::default());
        let (own, counts) = (agent.clone(), Arc::clone(&runs));
        let other = thread::spawn(move || send_and_run(&own, &counts));
        let scheduler = Scheduler::manual();
        assert!(scheduler.enter(|| send_one(&agent, &runs)));
        let settled = agent.settled();
        let runs_mine = thread::spawn(move || scheduler.run_until_parked());
        block_on(settled).unwrap();
        assert!(runs.over.load(Ordering::Relaxed) >= 1);
        other.join().unwrap();
        runs_mine.join().unwrap();
        assert_eq!(agent.get().unwrap(), 2);
    });
}

/// Whoever waits is told, and whoever sends knows whether the action will run.
#[test]
fn an_agent_whose_scheduler_ends_answers_whoever_waits() {
    model(|| {
        let agent = agent(0);
        let runs = Arc::new(Runs::default());
        let scheduler = Scheduler::manual();
        assert!(scheduler.enter(|| send_one(&agent, &runs)));
        let own = agent.clone();
        let waits = thread::spawn(move || block_on(own.settled()));
        let ends = thread::spawn(move || {
            scheduler.run_once();
            drop(scheduler);
        });
        let own = Scheduler::manual();
        let sent = own.enter(|| send_one(&agent, &runs));
        own.run_until_parked();
        assert!(matches!(
            waits.join().unwrap(),
            Ok(()) | Err(AgentError::Stopped)
        ));
        ends.join().unwrap();
        assert!(matches!(agent.get(), Err(AgentError::Stopped)));
        assert_eq!(agent.last_good(), runs.over.load(Ordering::Relaxed));
        assert!(sent || agent.queued() == 0);
    });
}

/// The restart is the runner, whoever sends meanwhile: of two runners each would take one of two actions.
#[test]
fn a_restarted_agent_has_one_runner() {
    model(|| {
        let agent = agent(0);
        let runs = Arc::new(Runs::default());
        let scheduler = Scheduler::manual();
        assert!(scheduler.enter(|| send_one(&agent, &runs)));
        drop(scheduler);
        assert!(agent.error().is_some());
        let (own, counts) = (agent.clone(), Arc::clone(&runs));
        let sends = thread::spawn(move || {
            let scheduler = Scheduler::manual();
            let sent = [0, 1].map(|_| scheduler.enter(|| send_one(&own, &counts)));
            scheduler.run_until_parked();
            sent.map(usize::from).into_iter().sum::<usize>()
        });
        let scheduler = Scheduler::manual();
        assert!(scheduler.enter(|| agent.restart(10)));
        scheduler.run_until_parked();
        let sent = sends.join().unwrap();
        assert_eq!(agent.get().unwrap(), 10 + sent);
        assert!(agent.is_idle());
    });
}
