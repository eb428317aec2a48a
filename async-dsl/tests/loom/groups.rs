//! Tasks of groups that start, end, are cancelled and are taken, on schedulers that threads of their own drive.

use std::future::pending;

use async_dsl::flow;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::{Group, TaskError, yield_now};
use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

use super::{bounded, model, poll_once};

/// Starts a task of the group on this scheduler. Nothing may park the start.
fn start<T: Send + 'static>(
    scheduler: &Scheduler,
    group: &Group<T>,
    task: impl Future<Output = T> + Send + 'static,
) {
    scheduler.enter(|| assert!(poll_once(&mut group.spawn(task)).is_ready()));
}

#[test]
fn whoever_takes_gets_what_ends_meanwhile_and_then_the_end() {
    model(|| {
        let group = Group::new();
        let scheduler = Scheduler::manual();
        start(&scheduler, &group, async { 7 });
        let runs = thread::spawn(move || {
            scheduler.run_until_parked();
        });
        assert_eq!(block_on(group.take()).unwrap().unwrap(), 7);
        assert!(block_on(group.take()).is_none());
        runs.join().unwrap();
    });
}

#[test]
fn two_who_take_get_one_each_and_both_the_end() {
    bounded(2, || {
        let group = Arc::new(Group::new());
        let scheduler = Scheduler::manual();
        start(&scheduler, &group, async { 1 });
        start(&scheduler, &group, async { 2 });
        let other = Arc::clone(&group);
        let takes = thread::spawn(move || block_on(other.take()));
        let runs = thread::spawn(move || {
            scheduler.run_until_parked();
        });
        let mine = block_on(group.take()).unwrap().unwrap();
        let others = takes.join().unwrap().unwrap().unwrap();
        assert_eq!(mine + others, 3);
        assert!(block_on(group.take()).is_none());
        runs.join().unwrap();
    });
}

/// Cancels the tasks of a group while a thread drives their scheduler, and waits for them.
fn cancel<T>(group: &Group<T>, scheduler: Scheduler) {
    let run = |scheduler: Scheduler| {
        thread::spawn(move || {
            scheduler.run_until_parked();
            scheduler
        })
    };
    let runs = run(scheduler);
    let cancelled = group.cancel();
    let scheduler = runs.join().unwrap();
    let runs = run(scheduler);
    block_on(cancelled);
    drop(runs.join().unwrap());
}

#[test]
fn a_cancellation_ends_once_all_tasks_have_dropped_what_they_held() {
    model(|| {
        let group = Group::<()>::new();
        let scheduler = Scheduler::manual();
        let held = Arc::new(());
        let holds = Arc::clone(&held);
        start(&scheduler, &group, async move {
            let _holds = holds;
            pending::<()>().await;
        });
        scheduler.run_until_parked();
        cancel(&group, scheduler);
        assert_eq!(Arc::strong_count(&held), 1);
        let outcome = block_on(group.take());
        assert!(matches!(outcome, Some(Err(TaskError::Cancelled { .. }))));
        assert!(block_on(group.take()).is_none());
    });
}

/// A task that ends as it is cancelled has one outcome, which is taken once.
#[test]
fn a_task_that_ends_as_it_is_cancelled_has_one_outcome() {
    model(|| {
        let group = Group::new();
        let scheduler = Scheduler::manual();
        start(&scheduler, &group, async {
            yield_now().await;
            7
        });
        scheduler.run_once();
        cancel(&group, scheduler);
        match block_on(group.take()) {
            Some(Ok(7) | Err(TaskError::Cancelled { .. })) => {}
            other => panic!("{other:?}"),
        }
        assert!(block_on(group.take()).is_none());
    });
}

/// A task that is being started is one of those that are cancelled, or comes later. Nobody waits for ever.
#[test]
fn a_task_that_is_started_as_its_group_is_cancelled_is_known_to_it_or_not() {
    model(|| {
        let group = Arc::new(Group::<()>::new());
        let own = Arc::clone(&group);
        let starts = thread::spawn(move || {
            let scheduler = Scheduler::manual();
            start(&scheduler, &own, pending());
            scheduler.run_once();
            scheduler.run_once();
            scheduler
        });
        let cancelled = group.cancel();
        let scheduler = starts.join().unwrap();
        let own = Arc::clone(&group);
        let runs = thread::spawn(move || {
            scheduler.run_until_parked();
            (scheduler, own)
        });
        block_on(cancelled);
        let (scheduler, own) = runs.join().unwrap();
        // One that came later runs on.
        let later = own.cancel();
        scheduler.run_until_parked();
        block_on(later);
        assert!(matches!(
            block_on(group.take()),
            Some(Err(TaskError::Cancelled { .. }))
        ));
    });
}

#[test]
fn a_start_waits_for_the_end_of_another_task() {
    model(|| {
        let group = Arc::new(Group::new());
        group.limit(1);
        let scheduler = Scheduler::manual();
        start(&scheduler, &group, async { 1 });
        let runs = thread::spawn(move || {
            scheduler.run_until_parked();
        });
        let own = Scheduler::manual();
        own.enter(|| block_on(group.spawn(async { 2 })));
        own.run_until_parked();
        runs.join().unwrap();
        let mut sum = 0;
        while let Some(value) = block_on(group.take()) {
            sum += value.unwrap();
        }
        assert_eq!(sum, 3);
    });
}

/// What a watch and a broadcast are told, with their ends.
#[test]
fn a_watch_is_told_the_last_value_and_the_end() {
    model(|| {
        let (putter, watch) = flow::watch(0);
        let thread = thread::spawn(move || {
            putter.put(1).unwrap();
        });
        let mut seen = Vec::new();
        while let Some(value) = block_on(watch.take()) {
            seen.push(value);
        }
        assert_eq!(seen, [1]);
        thread.join().unwrap();
    });
}

#[test]
fn the_subscribers_of_a_broadcast_get_each_value_once() {
    bounded(2, || {
        let news = flow::broadcast(2);
        let subscribers = [news.subscribe(), news.subscribe()];
        let takes = subscribers.map(|subscriber| {
            thread::spawn(move || {
                let mut seen = Vec::new();
                while let Some(value) = block_on(subscriber.take()) {
                    seen.push(value.unwrap());
                }
                seen
            })
        });
        news.put(1).unwrap();
        drop(news);
        for take in takes {
            assert_eq!(take.join().unwrap(), [1]);
        }
    });
}

/// A permit that is handed to one who gives up goes to the next.
#[test]
fn no_permit_is_lost() {
    model(|| {
        let permits = flow::permits(1);
        let held = permits.try_take();
        let own = permits.clone();
        let gives_up = thread::spawn(move || {
            drop(poll_once(&mut Box::pin(own.take())));
        });
        let own = permits.clone();
        let waits = thread::spawn(move || block_on(own.take()).is_some());
        drop(held);
        assert!(waits.join().unwrap());
        gives_up.join().unwrap();
        assert_eq!(permits.available(), 1);
    });
}
