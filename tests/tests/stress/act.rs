//! The operations of the random programs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_dsl::chan::{TryPutError, TryTakeError};
use async_dsl::prelude::*;
use async_dsl::task::Canceller;

use super::linger::lingering;
use super::program::{Op, Pause};
use super::tally::{Tally, Value, putting};

/// What the tasks of a program share.
pub(crate) struct Shared {
    pub(crate) tally: Arc<Tally>,
    /// Whether somebody was told that the channel is closed and empty.
    pub(crate) ended: Vec<AtomicBool>,
    pub(crate) promises: Vec<Promise<()>>,
    pub(crate) agent: Agent<u64>,
    /// How many actions the agent accepted.
    pub(crate) sent: AtomicU64,
    /// How many operations are over.
    pub(crate) steps: AtomicU64,
    /// Those of the tasks that may be cancelled, once all are started.
    pub(crate) cancellers: OnceLock<Vec<Option<Canceller>>>,
}

impl Shared {
    pub(crate) fn value(&self) -> Value {
        Value::new(&self.tally)
    }

    pub(crate) fn took(&self, channel: usize, taken: Option<Value>) {
        match taken {
            Some(value) => value.taken(),
            None => self.ended[channel].store(true, Ordering::Relaxed),
        }
    }
}

pub(crate) fn sent(result: Result<(), impl Into<Back>>) {
    if let Err(back) = result {
        back.into().0.handed_back();
    }
}

/// A value that a put gave back.
pub(crate) struct Back(Value);

impl From<Closed<Value>> for Back {
    fn from(Closed(value): Closed<Value>) -> Self {
        Self(value)
    }
}

impl From<PutError<Value>> for Back {
    fn from(error: PutError<Value>) -> Self {
        Self(error.into_inner())
    }
}

impl From<TryPutError<Value>> for Back {
    fn from(error: TryPutError<Value>) -> Self {
        Self(error.into_inner())
    }
}

/// What a task has of its own.
pub(crate) struct Own {
    pub(crate) putters: Vec<Option<Putter<Value>>>,
    pub(crate) takers: Vec<Option<Taker<Value>>>,
    pub(crate) resolver: Option<Resolver<()>>,
}

#[linear]
pub(crate) async fn pause(pause: Pause) {
    match pause {
        Pause::Not => {}
        Pause::Yield => yield_now!(),
        Pause::Sleep(time) => sleep!(time),
    }
}

/// `None` if the task has not what it takes any more.
pub(crate) async fn act(op: Op, own: &mut Own, all: &Arc<Shared>) -> Option<()> {
    match op {
        Op::Put(_) | Op::PutFor(..) | Op::TryPut(_) | Op::Fill(..) | Op::GiveUp(..) => {
            put(op, own, all).await
        }
        Op::Take(_) | Op::TakeFor(..) | Op::TryTake(_) => take(op, own, all).await,
        Op::CancelledPut(..) | Op::CancelledTake(..) | Op::AwaitedTake(_) => {
            start(op, own, all).await
        }
        Op::Cancel(_)
        | Op::Await(_)
        | Op::Deliver
        | Op::Send(_)
        | Op::Close(_)
        | Op::DropPutter(_)
        | Op::DropTaker(_)
        | Op::Rest(_) => other(op, own, all).await,
        _ => choose(op, own, all).await,
    }
}

async fn put(op: Op, own: &Own, all: &Shared) -> Option<()> {
    let (Op::Put(c) | Op::PutFor(c, _) | Op::TryPut(c) | Op::Fill(c, _) | Op::GiveUp(c, _)) = op
    else {
        unreachable!("{op:?}")
    };
    let putter = own.putters[c].as_ref()?;
    match op {
        Op::PutFor(_, time) => sent(putting(putter.put_for(all.value(), time)).await),
        Op::TryPut(_) => sent(putter.try_put(all.value())),
        Op::Fill(_, time) => {
            let permit = putter.reserve().await;
            pause(time).await;
            sent(permit.put(all.value()));
        }
        Op::GiveUp(_, time) => {
            let _permit = putter.reserve().await;
            pause(time).await;
        }
        _ => sent(putting(putter.put(all.value())).await),
    }
    Some(())
}

#[linear]
async fn take(op: Op, own: &Own, all: &Shared) -> Option<()> {
    let (Op::Take(c) | Op::TakeFor(c, _) | Op::TryTake(c)) = op else {
        unreachable!("{op:?}")
    };
    let taker = own.takers[c].as_ref()?;
    match op {
        Op::TakeFor(_, time) => {
            if let Ok(value) = taker.take_for(time).await {
                all.took(c, value);
            }
        }
        Op::TryTake(_) => match taker.try_take() {
            Ok(value) => all.took(c, Some(value)),
            Err(TryTakeError::Closed) => all.took(c, None),
            Err(TryTakeError::Empty) => {}
        },
        _ => all.took(c, take!(taker)),
    }
    Some(())
}

#[linear]
async fn choose(op: Op, own: &Own, all: &Shared) -> Option<()> {
    let putter = |c: usize| own.putters[c].as_ref();
    let taker = |c: usize| own.takers[c].as_ref();
    match op {
        Op::AltTake(a) => {
            let one = taker(a)?;
            alt! { value = take!(one) => all.took(a, value) }
        }
        Op::AltPut(a) => {
            let one = putter(a)?;
            alt! { result = put!(one, all.value()) => sent(result) }
        }
        Op::AltTakes(a, b) => {
            let (one, other) = (taker(a)?, taker(b)?);
            alt! {
                value = take!(one) => all.took(a, value),
                value = take!(other) => all.took(b, value),
            }
        }
        Op::AltPuts(a, b) => {
            let (one, other) = (putter(a)?, putter(b)?);
            alt! {
                result = put!(one, all.value()) => sent(result),
                result = put!(other, all.value()) => sent(result),
            }
        }
        Op::AltBoth(a, b) => {
            let (one, other) = (putter(a)?, taker(b)?);
            alt! {
                result = put!(one, all.value()) => sent(result),
                value = take!(other) => all.took(b, value),
            }
        }
        Op::AltDefault(a, b) => {
            let (one, other) = (putter(a)?, taker(b)?);
            alt! {
                result = put!(one, all.value()) => sent(result),
                value = take!(other) => all.took(b, value),
                default => {}
            }
        }
        Op::AltTimer(a, b, time) => {
            let (one, other) = (putter(a)?, taker(b)?);
            alt! {
                result = put!(one, all.value()) => sent(result),
                value = take!(other) => all.took(b, value),
                sleep!(time) => {}
            }
        }
        Op::AltPromise(a, promise) => {
            let (one, promise) = (taker(a)?, all.promises[promise].clone());
            alt! {
                value = take!(one) => all.took(a, value),
                _ = await!(promise) => {}
            }
        }
        Op::Alts => {
            let takers: Vec<_> = own.takers.iter().flatten().collect();
            let places: Vec<_> = (0..)
                .zip(&own.takers)
                .filter(|(_, it)| it.is_some())
                .collect();
            let (which, value) = alts(takers.iter().map(|it| it.take())).await.ok()?;
            all.took(places[which].0, value);
        }
        Op::AltsPut => {
            let putters = own.putters.iter().flatten();
            let (_, permit) = alts(putters.map(Putter::reserve)).await.ok()?;
            sent(permit.put(all.value()));
        }
        _ => unreachable!("{op:?}"),
    }
    Some(())
}

/// Tasks started by a task.
#[linear]
async fn start(op: Op, own: &Own, all: &Arc<Shared>) -> Option<()> {
    match op {
        Op::CancelledPut(c, time, awaits) => {
            let putter = own.putters[c].clone()?;
            let all = Arc::clone(all);
            let task = go!({
                let choice = async_block!({
                    alt! { result = put!(putter, all.value()) => sent(result) }
                });
                lingering(choice).await;
            });
            pause(time).await;
            let cancel = task.cancel();
            if awaits {
                cancel.await;
            }
        }
        Op::CancelledTake(c, time) => {
            let taker = own.takers[c].clone()?;
            let task = go!({
                let choice = async_block!({
                    alt! { value = take!(taker) => value }
                });
                lingering(choice).await
            });
            pause(time).await;
            if let Some(value) = task.cancel().await {
                all.took(c, value);
            }
        }
        Op::AwaitedTake(c) => {
            let taker = own.takers[c].clone()?;
            let task = go!({ take!(taker) });
            all.took(c, task.await);
        }
        _ => unreachable!("{op:?}"),
    }
    Some(())
}

#[linear]
async fn other(op: Op, own: &mut Own, all: &Arc<Shared>) -> Option<()> {
    match op {
        Op::Cancel(task) => all.cancellers.get()?[task].as_ref()?.cancel(),
        Op::Await(promise) => drop(all.promises[promise].clone().await),
        Op::Deliver => own.resolver.take()?.deliver(()),
        Op::Send(time) => {
            let agent = &all.agent;
            let action = send!(agent, |n| {
                pause(time).await;
                n + 1
            });
            action.ok()?;
            all.sent.fetch_add(1, Ordering::Relaxed);
        }
        Op::Close(c) => {
            own.takers[c].as_ref()?.close();
        }
        Op::DropPutter(c) => own.putters[c] = None,
        Op::DropTaker(c) => own.takers[c] = None,
        Op::Rest(time) => pause(time).await,
        _ => unreachable!("{op:?}"),
    }
    Some(())
}
