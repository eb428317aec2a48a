//! The tasks of a group that have ended, and how a task gets there.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::core::Core;
use super::held;
use crate::runtime::caught::Caught;
use crate::runtime::linger;
use crate::runtime::noted::{Noted, lock};
use crate::runtime::place::Line;
use crate::runtime::task::{Finished, TaskError};

/// What a group and its tasks share.
pub(super) struct Shared<T> {
    pub(super) core: Arc<Core>,
    /// In the order they ended; `None` once nobody takes any more. A panic that is dropped unread is reported.
    ended: Noted<Option<Ended<T>>>,
}

type Ended<T> = VecDeque<(u64, Line, Finished<T>)>;

impl<T> Shared<T> {
    pub(super) fn new(core: Arc<Core>) -> Self {
        let ended = Noted::new(Some(VecDeque::new()));
        Self { core, ended }
    }

    /// The number of the next task that ended, and how: `None` if no task is left.
    pub(super) fn try_take(&self) -> Poll<Option<(u64, Line, Finished<T>)>> {
        // Before the look at what has ended: what runs no more is there.
        let runs = self.core.running() > 0;
        let mut ended = lock(&self.ended);
        let first = ended.as_mut().and_then(VecDeque::pop_front);
        self.count(ended.as_ref());
        drop(ended);
        match first {
            Some(first) => Poll::Ready(Some(first)),
            None if runs => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    /// Called under the lock of what has ended.
    fn count(&self, ended: Option<&Ended<T>>) {
        let count = ended.map_or(0, VecDeque::len);
        self.core.untaken.store(count, Ordering::Relaxed);
    }

    fn add(&self, number: u64, started_at: Line, finished: Finished<T>) {
        let mut unwanted = Some(finished);
        let mut ended = lock(&self.ended);
        if let Some(ended) = &mut *ended {
            ended.extend(
                unwanted
                    .take()
                    .map(|finished| (number, started_at, finished)),
            );
        }
        self.count(ended.as_ref());
        drop(ended);
        drop(unwanted);
        self.core.left(number);
    }

    /// How all ended that were not taken, in the order of their starts.
    pub(super) fn take_all(&self) -> Vec<Result<T, TaskError>> {
        let mut ended = lock(&self.ended);
        let all = ended.as_mut().map(std::mem::take);
        self.count(ended.as_ref());
        drop(ended);
        let mut all: Vec<_> = all.unwrap_or_default().into();
        all.sort_unstable_by_key(|(number, ..)| *number);
        let all = all.into_iter();
        all.map(|(_, started_at, finished)| outcome(started_at, finished))
            .collect()
    }

    /// The group is dropped.
    pub(super) fn clear(&self) {
        let ended = lock(&self.ended).take();
        drop(ended);
    }
}

pub(super) fn outcome<T>(started_at: Line, finished: Finished<T>) -> Result<T, TaskError> {
    match finished.into_result() {
        Some(result) => result.map_err(TaskError::Panicked),
        None => Err(TaskError::Cancelled { started_at }),
    }
}

pin_project! {
    /// A task of a group: the user's future, and the place that it leaves when it has ended and was dropped.
    pub(super) struct Member<F: Future> {
        // First, so that it is dropped first.
        #[pin]
        future: Caught<F>,
        seat: Seat<F::Output>,
    }
}

struct Seat<T> {
    shared: Arc<Shared<T>>,
    number: u64,
    started_at: Line,
    has_ended: bool,
    /// Called if the task is dropped before that. A function pointer, because `T` is known to be `Send + 'static` only where
    /// the task is started.
    leave: fn(Arc<Shared<T>>, u64, Line),
    _token: Option<held::Seat>,
}

impl<T> Seat<T> {
    fn end(&mut self, finished: Finished<T>) {
        self.has_ended = true;
        self.shared.add(self.number, self.started_at, finished);
    }
}

impl<T> Drop for Seat<T> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        (self.leave)(Arc::clone(&self.shared), self.number, self.started_at);
    }
}

impl<F: Future> Member<F>
where
    F::Output: Send + 'static,
{
    pub(super) fn new(
        future: F,
        shared: Arc<Shared<F::Output>>,
        number: u64,
        started_at: Line,
        token: Option<held::Seat>,
    ) -> Self {
        Self {
            future: Caught::new(future),
            seat: Seat {
                shared,
                number,
                started_at,
                has_ended: false,
                leave: |shared, number, started_at| {
                    let cancelled = Finished::cancelled(started_at);
                    // What the task held may be held by the tasks of a scope of its own.
                    linger::after(move || shared.add(number, started_at, cancelled));
                },
                _token: token,
            },
        }
    }
}

impl<F: Future> Future for Member<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let result = ready!(this.future.poll(cx));
        this.seat.end(match result {
            Some(Ok(value)) => Finished::value(value, this.seat.started_at),
            Some(Err(panic)) => Finished::panicked(panic),
            None => unreachable!("it is not abandoned"),
        });
        Poll::Ready(())
    }
}
