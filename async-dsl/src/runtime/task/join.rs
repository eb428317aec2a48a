//! Waiting for a task, and cancelling it, from several places at once.
//!
//! A task has one waiter (all who wait by reference are one, [`Waits`]) and any number of cancellers. Whoever polls it takes
//! it out from under the lock, does so (which runs wakers), and puts it back. To cancel it is to mark it: a task that is
//! marked is dropped by its next turn, and one that ends without another turn has its output as ever.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker, ready};

use crate::runtime::handle::Meta;
use crate::runtime::place::Line;
use crate::runtime::running;
use crate::runtime::sync::runtime::Mutex;
use crate::runtime::task::error::Finished;
use crate::runtime::task::waits::Waits;
use crate::runtime::wake::{contained, wake_all};

pub(crate) use crate::runtime::sync::runtime::lock;

pub(crate) type Running<T> = async_task::Task<Finished<T>, Meta>;

/// What is known of a task by those who hold a handle to it.
pub(crate) struct Join<T> {
    pub(crate) stage: Stage<T>,
    /// Whether a cancellation came while the task was lent.
    cancel: bool,
    /// Who polled while the task was lent.
    waiting: Option<Waker>,
    /// Who waits by reference, once somebody does.
    pub(crate) waits: Option<Arc<Waits>>,
}

pub(crate) enum Stage<T> {
    /// Not ended, or ended and its output not taken.
    Running(Running<T>),
    /// Somebody is polling it.
    Lent,
    Taken,
}

impl<T> Join<T> {
    pub(crate) fn new(task: Running<T>) -> Self {
        Self {
            stage: Stage::Running(task),
            cancel: false,
            waiting: None,
            waits: None,
        }
    }

    pub(crate) fn taken() -> Self {
        Self {
            stage: Stage::Taken,
            cancel: false,
            waiting: None,
            waits: None,
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        match &self.stage {
            Stage::Running(task) => task.is_finished() || task.metadata().is_cancelled(),
            Stage::Lent => self.cancel,
            Stage::Taken => true,
        }
    }

    /// Cancels the task. Gives the waker that sees to its last turn, to be woken outside of the lock.
    fn cancel(&mut self) -> Option<Waker> {
        match &self.stage {
            Stage::Running(task) if !task.is_finished() => task.metadata().cancel(),
            Stage::Running(_) | Stage::Taken => None,
            Stage::Lent => {
                self.cancel = true;
                None
            }
        }
    }

    /// Puts back what was lent.
    fn put_back(&mut self, stage: Stage<T>) -> [Option<Waker>; 2] {
        self.stage = stage;
        let last_turn = if std::mem::take(&mut self.cancel) {
            self.cancel()
        } else {
            None
        };
        [last_turn, self.waiting.take()]
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
pub(crate) trait Slot<T> {
    /// `f` runs under a lock, so it must not run anybody else's code.
    fn with<R>(&self, f: impl FnOnce(&mut Join<T>) -> R) -> R;
}

impl<T> Slot<T> for Mutex<Join<T>> {
    fn with<R>(&self, f: impl FnOnce(&mut Join<T>) -> R) -> R {
        f(&mut lock(self))
    }
}

/// Polls a task that nobody else polls.
pub(crate) fn poll_running<T>(task: &mut Running<T>, cx: &mut Context<'_>) -> Poll<Finished<T>> {
    // Whoever waits in a task of ours, or in a `block_on`, is woken through that, which cannot panic.
    if running::polled().is_some() {
        return Pin::new(task).poll(cx);
    }
    Pin::new(task).poll(&mut Context::from_waker(&contained(cx.waker())))
}

/// A task taken out of its slot. It is put back when this is dropped, even by a panicking waker.
struct Lent<'a, T, S: Slot<T>> {
    slot: &'a S,
    stage: Stage<T>,
}

impl<'a, T, S: Slot<T>> Lent<'a, T, S> {
    fn new(slot: &'a S, task: Running<T>) -> Self {
        let stage = Stage::Running(task);
        Self { slot, stage }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Finished<T>> {
        let Stage::Running(task) = &mut self.stage else {
            unreachable!("it is polled once, with what it was made of")
        };
        let finished = ready!(poll_running(task, cx));
        self.stage = Stage::Taken;
        Poll::Ready(finished)
    }
}

impl<T, S: Slot<T>> Drop for Lent<'_, T, S> {
    fn drop(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Taken);
        let wakers = self.slot.with(|join| join.put_back(stage));
        wake_all(wakers.into_iter().flatten());
    }
}

/// What a waiter finds.
enum Found<T> {
    Task(Running<T>),
    /// Lent to somebody else, who wakes whoever left a waker.
    Wait,
    Taken,
}

/// Polls the task. Panics when its output was taken before.
pub(crate) fn poll<T>(
    slot: &impl Slot<T>,
    cx: &mut Context<'_>,
    started_at: Line,
) -> Poll<Finished<T>> {
    match poll_unless_taken(slot, cx) {
        Some(polled) => polled,
        None => {
            panic!("the task started at {started_at} was polled again after its value was taken")
        }
    }
}

/// Polls the task; `None` when its output was taken before.
fn poll_unless_taken<T>(slot: &impl Slot<T>, cx: &mut Context<'_>) -> Option<Poll<Finished<T>>> {
    let mut waker = None;
    loop {
        let left_waker = waker.is_some();
        let found = slot.with(
            |join| match std::mem::replace(&mut join.stage, Stage::Lent) {
                Stage::Running(task) => Found::Task(task),
                Stage::Taken => {
                    join.stage = Stage::Taken;
                    Found::Taken
                }
                Stage::Lent => {
                    if left_waker {
                        std::mem::swap(&mut join.waiting, &mut waker);
                    }
                    Found::Wait
                }
            },
        );
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

/// Cancels the task; one that has ended is left as it is.
pub(crate) fn cancel<T>(slot: &impl Slot<T>) {
    let waker = slot.with(Join::cancel);
    wake_all(waker);
}

/// A task that can be cancelled, whatever its output.
pub(crate) trait Cancellable: Send + Sync {
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

pub(crate) fn abandon<T: Send + 'static>(join: &Arc<Mutex<Join<T>>>) {
    if Arc::strong_count(join) > 1 {
        Arc::new(Reaper(Arc::downgrade(join))).wake();
    }
}

impl<T: Send + 'static> Wake for Reaper<T> {
    fn wake(self: Arc<Self>) {
        let Some(join) = self.0.upgrade() else {
            return;
        };
        let waker = Waker::from(self);
        // Nobody else polls: the handle is gone. The output, if any, is dropped here.
        drop(poll_unless_taken(&*join, &mut Context::from_waker(&waker)));
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::runtime::task::Task;
    use crate::runtime::task::error::TaskError;
    use crate::scheduler::Scheduler;

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counting() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count(AtomicUsize::new(0)));
        (Arc::clone(&count), Waker::from(count))
    }

    #[test]
    fn a_waiter_by_reference_is_told_of_a_canceller_made_later() {
        let scheduler = Scheduler::manual();
        let task = scheduler.spawn(std::future::pending::<()>());
        scheduler.run_once();
        let (count, waker) = counting();
        let mut cx = Context::from_waker(&waker);
        assert!(task.poll_join(&mut cx).is_pending());
        task.canceller().cancel();
        assert!(task.poll_join(&mut cx).is_pending());
        scheduler.run_once(); // drops the future
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        let polled = task.poll_join(&mut cx);
        assert!(matches!(
            polled,
            Poll::Ready(Err(TaskError::Cancelled { .. }))
        ));
    }

    #[test]
    fn a_waker_that_panics_harms_no_task_that_is_awaited_with_it() {
        struct Bomb;
        impl Wake for Bomb {
            fn wake(self: Arc<Self>) {
                std::panic::resume_unwind(Box::new("from the waker"));
            }
        }
        let scheduler = Scheduler::manual();
        let mut task = scheduler.spawn(async { 1 });
        let waker = Waker::from(Arc::new(Bomb));
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut task).poll(&mut cx).is_pending());
        assert_eq!(scheduler.run_once(), 1);
        assert_eq!(Pin::new(&mut task).poll(&mut cx), Poll::Ready(1));
    }

    #[test]
    fn polled_again_it_names_its_line() {
        let scheduler = Scheduler::manual();
        let task = scheduler.spawn(async { 42 });
        scheduler.run_once();
        let line = task.started_at().to_string();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(task.poll_join(&mut cx), Poll::Ready(Ok(42))));
        let again = std::panic::AssertUnwindSafe(|| task.poll_join(&mut cx));
        let panic = std::panic::catch_unwind(again).unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains(&line));
    }

    /// Every interleaving of a poll by reference, cancellers and the end of the task comes to an end.
    #[test]
    fn cancellers_race_with_a_waiter_by_reference() {
        let (sender, ended) = mpsc::channel();
        for round in 0..2000_usize {
            let task = Arc::new(crate::runtime::spawn::spawn(
                async move {
                    for _ in 0..round % 7 {
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
                    round
                },
                std::panic::Location::caller(),
            ));
            let waiter: Arc<Task<usize>> = Arc::clone(&task);
            let sender = sender.clone();
            drop(crate::runtime::spawn::spawn(
                async move {
                    let outcome = poll_fn(|cx| waiter.poll_join(cx)).await;
                    sender.send(outcome.map_or(round, |value| value)).unwrap();
                },
                std::panic::Location::caller(),
            ));
            let canceller = task.canceller();
            let other = std::thread::spawn({
                let canceller = canceller.clone();
                move || canceller.cancel()
            });
            canceller.cancel();
            assert_eq!(ended.recv().unwrap(), round);
            other.join().unwrap();
        }
    }
}
