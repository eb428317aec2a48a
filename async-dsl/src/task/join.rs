//! Waiting for a task, and cancelling it, from several places at once.
//!
//! A task has one waiter and any number of cancellers. Whoever wants to do something with it takes it
//! out from under the lock, does it (which runs wakers and drops values), and puts it back.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

use async_task::FallibleTask;

use super::error::Finished;
use crate::scheduler::{Line, Meta};

type Running<T> = FallibleTask<Finished<T>, Meta>;
type Cancelling<T> = Pin<Box<dyn Future<Output = Option<Finished<T>>> + Send>>;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of a task by those who hold a handle to it.
pub(super) struct Join<T> {
    pub(super) stage: Stage<T>,
    /// A cancellation that came while the task was lent.
    cancel: Option<fn(Running<T>) -> Stage<T>>,
    /// Who polled while the task was lent.
    waiting: Option<Waker>,
}

pub(super) enum Stage<T> {
    Running(Running<T>),
    /// Cancelled; its future may still have to be dropped.
    Cancelling(Cancelling<T>),
    /// Ended, seen by a canceller before the waiter.
    Done(Option<Box<Finished<T>>>),
    /// Somebody is polling or cancelling it.
    Lent,
    Taken,
}

impl<T> Stage<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Finished<T>>> {
        match self {
            Self::Running(task) => Pin::new(task).poll(cx),
            Self::Cancelling(task) => task.as_mut().poll(cx),
            Self::Done(done) => Poll::Ready(done.take().map(|done| *done)),
            Self::Lent | Self::Taken => Poll::Ready(None),
        }
    }
}

impl<T> Join<T> {
    pub(super) fn new(task: Running<T>) -> Self {
        Self {
            stage: Stage::Running(task),
            cancel: None,
            waiting: None,
        }
    }

    pub(super) fn taken() -> Self {
        Self {
            stage: Stage::Taken,
            cancel: None,
            waiting: None,
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        match &self.stage {
            Stage::Running(task) => task.is_finished(),
            Stage::Lent => false,
            Stage::Cancelling(_) | Stage::Done(_) | Stage::Taken => true,
        }
    }
}

impl<T> Drop for Join<T> {
    fn drop(&mut self) {
        // Without this the task would be cancelled: async-task's way.
        if let Stage::Running(task) = std::mem::replace(&mut self.stage, Stage::Taken) {
            task.detach();
        }
    }
}

/// Where a [`Join`] is kept.
pub(super) trait Slot<T> {
    /// `f` runs under a lock, so it must not run anybody else's code.
    fn with<R>(&self, f: impl FnOnce(&mut Join<T>) -> R) -> R;
}

impl<T> Slot<T> for Mutex<Join<T>> {
    fn with<R>(&self, f: impl FnOnce(&mut Join<T>) -> R) -> R {
        f(&mut lock(self))
    }
}

/// A task taken out of its slot. It is put back when this is dropped, even by a panicking waker.
struct Lent<'a, T, S: Slot<T>> {
    slot: &'a S,
    stage: Stage<T>,
    of: PhantomData<T>,
}

impl<T, S: Slot<T>> Drop for Lent<'_, T, S> {
    fn drop(&mut self) {
        let mut stage = std::mem::replace(&mut self.stage, Stage::Taken);
        loop {
            let put_back = self.slot.with(|join| match (join.cancel.take(), stage) {
                (Some(begin), Stage::Running(task)) => Err((begin, task)),
                (_, stage) => {
                    join.stage = stage;
                    Ok(join.waiting.take())
                }
            });
            match put_back {
                Err((begin, task)) => stage = begin(task),
                Ok(waiting) => {
                    if let Some(waker) = waiting {
                        waker.wake();
                    }
                    return;
                }
            }
        }
    }
}

/// What a waiter finds.
enum Lend<T> {
    Stage(Stage<T>),
    /// Lent to somebody else, who wakes whoever left a waker.
    Wait,
    Taken,
}

/// Polls the task. `None` when it was cancelled.
pub(super) fn poll<T>(
    slot: &impl Slot<T>,
    cx: &mut Context<'_>,
    spawned_at: Line,
) -> Poll<Option<Finished<T>>> {
    let mut waker = None;
    loop {
        let left_waker = waker.is_some();
        let lend = slot.with(|join| match &join.stage {
            Stage::Taken => Lend::Taken,
            Stage::Lent => {
                if left_waker {
                    std::mem::swap(&mut join.waiting, &mut waker);
                }
                Lend::Wait
            }
            _ => Lend::Stage(std::mem::replace(&mut join.stage, Stage::Lent)),
        });
        match lend {
            Lend::Taken => panic!(
                "the task started at {spawned_at} was polled again after its value was taken"
            ),
            Lend::Wait if left_waker => return Poll::Pending,
            Lend::Wait => waker = Some(cx.waker().clone()),
            Lend::Stage(stage) => {
                let mut lent = Lent {
                    slot,
                    stage,
                    of: PhantomData,
                };
                let polled = lent.stage.poll(cx);
                if polled.is_ready() {
                    lent.stage = Stage::Taken;
                }
                return polled;
            }
        }
    }
}

/// Cancels the task; one that has ended is left as it is.
pub(super) fn cancel<T: Send + 'static>(slot: &impl Slot<T>) {
    let running = slot.with(|join| match &join.stage {
        Stage::Running(_) => Some(std::mem::replace(&mut join.stage, Stage::Lent)),
        Stage::Lent => {
            join.cancel = Some(begin_cancel::<T>);
            None
        }
        _ => None,
    });
    if let Some(stage) = running {
        let mut lent = Lent {
            slot,
            stage,
            of: PhantomData,
        };
        if let Stage::Running(task) = std::mem::replace(&mut lent.stage, Stage::Taken) {
            lent.stage = begin_cancel(task);
        }
    }
}

/// Polling once is what cancels; it also tells the task's waiter, who then polls what is put back.
fn begin_cancel<T: Send + 'static>(task: Running<T>) -> Stage<T> {
    let mut cancelling: Cancelling<T> = Box::pin(task.cancel());
    match cancelling
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(done) => Stage::Done(done.map(Box::new)),
        Poll::Pending => Stage::Cancelling(cancelling),
    }
}

/// A task that can be cancelled, whatever its output.
pub(super) trait Cancellable: Send + Sync {
    fn cancel(&self);
}

impl<T: Send + 'static> Cancellable for Mutex<Join<T>> {
    fn cancel(&self) {
        cancel(self);
    }
}

/// Takes the place of a waiter who has dropped the handle while cancellers are left: drops the output when
/// it comes, so that a panic is reported then, and not when the last canceller goes.
struct Reaper<T>(Weak<Mutex<Join<T>>>);

pub(super) fn abandon<T: Send + 'static>(join: &Arc<Mutex<Join<T>>>) {
    if Arc::strong_count(join) > 1 {
        Arc::new(Reaper(Arc::downgrade(join))).wake();
    }
}

impl<T: Send + 'static> Wake for Reaper<T> {
    fn wake(self: Arc<Self>) {
        let Some(join) = self.0.upgrade() else {
            return;
        };
        if join.with(|join| matches!(join.stage, Stage::Taken)) {
            return;
        }
        let waker = Waker::from(self);
        // Nobody else polls: the handle is gone. The output, if any, is dropped here.
        let output = poll(
            &*join,
            &mut Context::from_waker(&waker),
            std::panic::Location::caller(),
        );
        drop(output);
    }
}
