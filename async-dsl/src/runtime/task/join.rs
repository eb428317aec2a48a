//! Waiting for a task, and cancelling it, from several places at once.
//!
//! A task has one waiter (all waits by reference are one, [`Waits`]) and any number of cancellers. To poll the task is to take
//! it out from under the lock, to poll it there (which runs wakers), and to put it back. To cancel it is to mark it: a task that is
//! marked is dropped by its next turn, and one that ends without another turn has its output as ever.
//!
//! The task itself is anything that is [`Started`], so that all this can be model-checked without async-task, whose atomics
//! no tool can look into.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker, ready};

use crate::runtime::explore::access::Kind;
use crate::runtime::handle::Meta;
use crate::runtime::object::touch_task;
use crate::runtime::place::Line;
use crate::runtime::running;
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::table::Key;
use crate::runtime::task::error::Finished;
use crate::runtime::task::remote::Remote;
use crate::runtime::task::waits::{Wait, Waits};
use crate::runtime::wake::{contained, wake_all};

/// A task of a scheduler.
///
/// That it was cancelled is said twice, since neither sees what the other has: those who hold a handle look here, and the turn
/// itself in the table. A turn must look from within, or a cancellation could come between its look and its beginning, in
/// which a task that is ready is not woken once more.
pub(crate) struct Running<T> {
    task: async_task::Task<Finished<T>, Meta>,
    /// Its place in the table, unless the scheduler was ending.
    key: Option<Key>,
    cancelled: bool,
}

impl<T> Running<T> {
    pub(crate) const fn new(task: async_task::Task<Finished<T>, Meta>, key: Option<Key>) -> Self {
        Self {
            task,
            key,
            cancelled: false,
        }
    }

    pub(super) fn remote(&self) -> Remote {
        let Meta { scheduler, id, .. } = self.task.metadata();
        Remote::new(scheduler.clone(), self.key, *id)
    }
}

impl<T> Future for Running<T> {
    type Output = Finished<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Finished<T>> {
        Pin::new(&mut self.task).poll(cx)
    }
}

/// A task that was started, of which this is the only handle.
pub(crate) trait Started: Future + Unpin {
    /// Whether its output is there.
    fn has_ended(&self) -> bool;

    fn is_cancelled(&self) -> bool;

    /// It is about to be cancelled, unless it has ended.
    fn is_touched(&self) {}

    /// Makes its next turn its last, in which it is dropped. A turn that has begun goes on: its output is not lost. The waker,
    /// to be woken outside of every lock, sees to it that there is such a turn.
    fn cancel(&mut self) -> Option<Waker>;

    /// Lets it run on, though there will be no handle any more.
    fn detach(self);
}

impl<T> Started for Running<T> {
    fn has_ended(&self) -> bool {
        self.task.is_finished()
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    fn is_touched(&self) {
        touch_task(self.task.metadata().id, Kind::Cancel);
    }

    fn cancel(&mut self) -> Option<Waker> {
        self.cancelled = true;
        let Meta { scheduler, id, .. } = self.task.metadata();
        scheduler.table.cancel(self.key?, *id)
    }

    fn detach(self) {
        self.task.detach();
    }
}

/// What is known of a task by those who hold a handle to it.
pub(crate) struct Join<R: Started> {
    stage: Stage<R>,
    /// Few tasks are waited for by reference.
    by_reference: Option<Box<ByReference>>,
}

enum Stage<R> {
    /// Not ended, or ended and its output not taken.
    Running(R),
    /// It is being polled.
    Lent {
        /// A cancellation came meanwhile.
        cancel: bool,
    },
    Taken,
}

#[derive(Default)]
struct ByReference {
    /// The waits by reference.
    waits: Arc<Waits>,
    /// The waker of the waiter that polled while the task was lent.
    waiting: Option<Waker>,
}

impl<R: Started> Join<R> {
    const fn new(stage: Stage<R>) -> Self {
        Self {
            stage,
            by_reference: None,
        }
    }

    fn is_finished(&self) -> bool {
        match &self.stage {
            Stage::Running(task) => task.has_ended() || task.is_cancelled(),
            Stage::Lent { cancel } => *cancel,
            Stage::Taken => true,
        }
    }

    /// Cancels the task. Returns the waker that sees to its last turn, to be woken outside of the lock.
    fn cancel(&mut self) -> Option<Waker> {
        if let Stage::Running(task) = &self.stage {
            task.is_touched();
        }
        match &mut self.stage {
            Stage::Running(task) if !task.has_ended() => task.cancel(),
            Stage::Running(_) | Stage::Taken => None,
            Stage::Lent { cancel } => {
                *cancel = true;
                None
            }
        }
    }

    fn by_reference(&mut self) -> &mut ByReference {
        self.by_reference.get_or_insert_default()
    }

    /// Takes the task, to be polled.
    fn lend(&mut self) -> Found<R> {
        match std::mem::replace(&mut self.stage, Stage::Lent { cancel: false }) {
            Stage::Running(task) => Found::Task(task),
            other => {
                let found = match other {
                    Stage::Taken => Found::Taken,
                    _ => Found::Wait,
                };
                self.stage = other;
                found
            }
        }
    }

    /// Puts back what was lent.
    fn put_back(&mut self, stage: Stage<R>) -> [Option<Waker>; 2] {
        let lent = std::mem::replace(&mut self.stage, stage);
        let last_turn = match lent {
            Stage::Lent { cancel: true } => self.cancel(),
            _ => None,
        };
        let waiting = self.by_reference.as_mut();
        [last_turn, waiting.and_then(|both| both.waiting.take())]
    }
}

impl<R: Started> Drop for Join<R> {
    fn drop(&mut self) {
        // Without this the task would be cancelled: async-task's way.
        if let Stage::Running(task) = std::mem::replace(&mut self.stage, Stage::Taken) {
            task.detach();
        }
    }
}

/// Where a [`Join`] is kept.
trait Slot<R: Started> {
    /// `f` runs under a lock, so it must not run anybody else's code.
    fn with<O>(&self, f: impl FnOnce(&mut Join<R>) -> O) -> O;
}

impl<R: Started> Slot<R> for Shared<R> {
    fn with<O>(&self, f: impl FnOnce(&mut Join<R>) -> O) -> O {
        f(&mut lock(&self.join))
    }
}

/// Polls a task that is not polled elsewhere.
#[inline]
fn poll_running<R: Started>(task: &mut R, cx: &mut Context<'_>) -> Poll<R::Output> {
    // A waiter in a task of ours, or in a `block_on`, has a waker of ours, which cannot panic.
    if running::polled().is_some() {
        return Pin::new(task).poll(cx);
    }
    Pin::new(task).poll(&mut Context::from_waker(&contained(cx.waker())))
}

/// A task taken out of its slot. It is put back when this is dropped, even by a panicking waker.
struct Lent<'a, R: Started, S: Slot<R>> {
    slot: &'a S,
    stage: Stage<R>,
}

impl<'a, R: Started, S: Slot<R>> Lent<'a, R, S> {
    fn new(slot: &'a S, task: R) -> Self {
        let stage = Stage::Running(task);
        Self { slot, stage }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<R::Output> {
        let Stage::Running(task) = &mut self.stage else {
            unreachable!("it is polled once, with what it was made of")
        };
        let output = ready!(poll_running(task, cx));
        self.stage = Stage::Taken;
        Poll::Ready(output)
    }
}

impl<R: Started, S: Slot<R>> Drop for Lent<'_, R, S> {
    fn drop(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Taken);
        let wakers = self.slot.with(|join| join.put_back(stage));
        wake_all(wakers.into_iter().flatten());
    }
}

/// What a waiter finds.
enum Found<R> {
    Task(R),
    /// Lent to another waiter, which wakes a waker that is left here.
    Wait,
    Taken,
}

/// Polls the task; `None` when its output was taken before.
fn poll_unless_taken<R: Started>(
    slot: &impl Slot<R>,
    cx: &mut Context<'_>,
) -> Option<Poll<R::Output>> {
    let mut waker = None;
    loop {
        let left_waker = waker.is_some();
        let found = slot.with(|join| {
            let found = join.lend();
            if matches!(found, Found::Wait) && left_waker {
                std::mem::swap(&mut join.by_reference().waiting, &mut waker);
            }
            found
        });
        match found {
            Found::Taken => return None,
            Found::Wait if left_waker => return Some(Poll::Pending),
            Found::Wait => waker = Some(cx.waker().clone()),
            Found::Task(task) => {
                let mut lent = Lent::new(slot, task);
                return Some(lent.poll(cx));
            }
        }
    }
}

fn cancel<R: Started>(slot: &impl Slot<R>) {
    let waker = slot.with(Join::cancel);
    wake_all(waker);
}

/// The place of the task's own handle: the join itself or, once there is a canceller, its share of it.
pub(crate) struct Owner<R: Started>(Mutex<State<R>>);

enum State<R: Started> {
    Own(Join<R>),
    Shared(Arc<Shared<R>>),
}

/// What the owner and its cancellers share.
struct Shared<R: Started> {
    join: Mutex<Join<R>>,
    /// Called when the owner is dropped.
    abandon: fn(&Arc<Self>),
}

impl<R: Started> Slot<R> for Owner<R> {
    fn with<O>(&self, f: impl FnOnce(&mut Join<R>) -> O) -> O {
        match &mut *lock(&self.0) {
            State::Own(join) => f(join),
            State::Shared(shared) => shared.with(f),
        }
    }
}

impl<R: Started> Owner<R> {
    pub(crate) fn new(task: R) -> Self {
        Self(Mutex::new(State::Own(Join::new(Stage::Running(task)))))
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.with(|join| join.is_finished())
    }

    /// Looks at the task, unless its output was taken or it is polled just now.
    pub(super) fn look<O>(&self, f: impl FnOnce(&R) -> O) -> Option<O> {
        self.with(|join| match &join.stage {
            Stage::Running(task) => Some(f(task)),
            Stage::Lent { .. } | Stage::Taken => None,
        })
    }

    /// Begins a wait by reference.
    pub(crate) fn wait(&self) -> Wait {
        Wait::new(self.with(|join| Arc::clone(&join.by_reference().waits)))
    }

    /// Polls the task. Panics when its output was taken before.
    pub(crate) fn poll(&self, cx: &mut Context<'_>, started_at: Line) -> Poll<R::Output> {
        poll_unless_taken(self, cx).unwrap_or_else(|| {
            panic!("the task started at {started_at} was polled again after its value was taken")
        })
    }

    /// The same by way of the only reference, which needs no lock as long as there is no canceller.
    #[inline]
    pub(crate) fn poll_own(&mut self, cx: &mut Context<'_>, started_at: Line) -> Poll<R::Output> {
        if let State::Own(join) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            if let Stage::Running(task) = &mut join.stage {
                let output = ready!(poll_running(task, cx));
                join.stage = Stage::Taken;
                return Poll::Ready(output);
            }
        }
        self.poll(cx, started_at)
    }

    /// Cancels the task; one that has ended is left as it is.
    pub(crate) fn cancel(&self) {
        cancel(self);
    }

    /// Something with which others cancel it.
    pub(crate) fn canceller(&self) -> Arc<dyn Cancellable>
    where
        R: Send + 'static,
    {
        let mut state = lock(&self.0);
        match &mut *state {
            State::Shared(shared) => Arc::clone(shared) as _,
            State::Own(own) => {
                let own = std::mem::replace(own, Join::new(Stage::Taken));
                let join = Mutex::new(own);
                let shared = Arc::new(Shared { join, abandon });
                *state = State::Shared(Arc::clone(&shared));
                shared
            }
        }
    }
}

impl<R: Started> Drop for Owner<R> {
    fn drop(&mut self) {
        if let State::Shared(shared) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            (shared.abandon)(shared);
        }
    }
}

/// A task that can be cancelled, whatever its output.
pub(crate) trait Cancellable: Send + Sync {
    fn cancel(&self);
}

impl<R: Started + Send> Cancellable for Shared<R> {
    fn cancel(&self) {
        cancel(self);
    }
}

/// Takes the place of a waiter who has dropped the handle while cancellers are left: drops the output when
/// it comes, so that a panic is reported then, and not when the last canceller goes.
struct Reaper<R: Started>(Weak<Shared<R>>);

fn abandon<R: Started + Send + 'static>(shared: &Arc<Shared<R>>) {
    if Arc::strong_count(shared) > 1 {
        Arc::new(Reaper(Arc::downgrade(shared))).wake();
    }
}

impl<R: Started + Send + 'static> Wake for Reaper<R> {
    fn wake(self: Arc<Self>) {
        let Some(shared) = self.0.upgrade() else {
            return;
        };
        let waker = Waker::from(self);
        // Nobody else polls: the handle is gone. The output, if any, is dropped here.
        drop(poll_unless_taken(
            &*shared,
            &mut Context::from_waker(&waker),
        ));
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;

#[cfg(test)]
mod tests;
