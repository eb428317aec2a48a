//! Tasks and agents, on a scheduler that the tending thread drives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_dsl::prelude::*;
use async_dsl::task::TaskError;
use shuttle::future::block_on;
use shuttle::thread;

use super::{AGENT, FAR_TAKE, Kind, PUT, SCHEDULER, TAKE};
use crate::book::Value;
use crate::world::{Far, Near, Op};

pub(super) const KINDS: &[Kind] = &[
    Kind::new("task_take", TAKE | SCHEDULER, task_take),
    Kind::new("task_put_detached", PUT | SCHEDULER, task_put_detached),
    Kind::new("task_cancelled", TAKE | SCHEDULER, task_cancelled),
    Kind::new("task_cancelled_by_handle", TAKE | SCHEDULER, |op| {
        task_cancelled_by_handle(op);
    }),
    Kind::new("alt_take_task", TAKE | FAR_TAKE | SCHEDULER, |op| {
        block_on(alt_take_task(op));
    }),
    Kind::new("task_alt_take_sleep", TAKE | SCHEDULER, task_alt_take_sleep),
    Kind::new("agent_send", SCHEDULER | AGENT, agent_send),
    Kind::new("agent_take", TAKE | SCHEDULER | AGENT, agent_take),
];

fn task_take(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let (task, _) = start_take(op);
    op.took(Near, block_on(task));
}

/// A task that takes, and says so when it comes to its end.
fn start_take(op: &Arc<Op>) -> (Task<Option<Value>>, Arc<AtomicBool>) {
    let ended = Arc::new(AtomicBool::new(false));
    let (own, ends) = (Arc::clone(op), Arc::clone(&ended));
    let task = op.scheduler().spawn(async move {
        let value = own.taker(Near).take().await;
        ends.store(true, Ordering::Relaxed);
        value
    });
    (task, ended)
}

fn task_put_detached(op: &Arc<Op>) {
    let own = Arc::clone(op);
    let task = op.scheduler().spawn(async move {
        let value = own.value(Near);
        let id = value.id;
        let sent = own.putter(Near).put(value).await;
        own.put(id, sent.map_err(|Closed(value)| value));
    });
    thread::yield_now();
    drop(task);
}

fn task_cancelled(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let (task, ended) = start_take(op);
    let canceller = task.canceller();
    op.gave_up(Near); // whatever comes first
    let cancels = thread::spawn(move || canceller.cancel());
    match block_on(task.outcome()) {
        Ok(value) => op.took(Near, value),
        Err(error) => was_cancelled(&ended, &error),
    }
    cancels.join().unwrap();
}

fn was_cancelled(ended: &AtomicBool, error: &TaskError) {
    assert!(matches!(error, TaskError::Cancelled { .. }), "{error}");
    assert!(
        !ended.load(Ordering::Relaxed),
        "C: a task came to its end, and its output was dropped"
    );
}

fn task_cancelled_by_handle(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let (task, ended) = start_take(op);
    let started_at = task.started_at();
    thread::yield_now();
    op.gave_up(Near);
    match block_on(task.cancel()) {
        Some(value) => op.took(Near, value),
        None => was_cancelled(&ended, &TaskError::Cancelled { started_at }),
    }
}

#[linear]
async fn alt_take_task(op: &Arc<Op>) {
    let _taking = [op.taking(Near), op.taking(Far)];
    let own = Arc::clone(op);
    let task = op
        .scheduler()
        .spawn(async move { own.taker(Far).take().await });
    let value = alt! {
        value = take!(op.taker(Near)) => {
            op.took(Near, value);
            task.await
        }
        value = await!(task) => value,
    };
    op.took(Far, value);
}

/// Its time limit is one of the scheduler's clock.
fn task_alt_take_sleep(op: &Arc<Op>) {
    let own = Arc::clone(op);
    block_on(op.scheduler().spawn(async_block!({
        let taking = own.taking(Near);
        alt! {
            value = take!(own.taker(Near)) => own.took(Near, value),
            sleep!(1ms) => {}
        }
        drop(taking);
    })));
}

fn agent_send(op: &Arc<Op>) {
    let agent = op.agent();
    op.scheduler()
        .enter(|| agent.send(|count| async move { count + 1 }))
        .unwrap();
    block_on(agent.settled()).unwrap();
    assert!(agent.get().unwrap() > 0);
}

/// What is sent to the agent meanwhile waits for this.
fn agent_take(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let own = Arc::clone(op);
    let agent = op.agent();
    op.scheduler()
        .enter(|| {
            agent.send(|count| async move {
                own.took(Near, own.taker(Near).take().await);
                count + 1
            })
        })
        .unwrap();
    block_on(agent.settled()).unwrap();
}
