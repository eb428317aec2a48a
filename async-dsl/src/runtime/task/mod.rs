//! Tasks. Users see them in [`task`](crate::task), which has the documentation.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::runtime::budget;
use crate::runtime::explore::Go;
use crate::runtime::explore::access::Kind;
use crate::runtime::id::TaskId;
use crate::runtime::note::{self, On};
use crate::runtime::object::{has_served, touch_task};
use crate::runtime::place::{At, Line};
use crate::runtime::running;
use crate::runtime::simulated;

use join::{Owner, Started};
use waits::Wait;

pub(crate) mod error;
pub(crate) mod join;
mod remote;
mod several;
pub(crate) mod thread;
mod waits;
pub(crate) mod yield_now;

pub(crate) use error::Finished;
pub use error::{TaskError, TaskPanic, on_unobserved_panic};
pub use several::{
    Attempts, Futures, JoinEach, Joinable, RaceEach, Raceable, SameErrors, SameOutputs,
    TryJoinEach, TryJoinable, join, join_each,
};
pub(crate) use several::{race_each, try_join_each};
pub use thread::spawn_thread;
pub use yield_now::{YieldNow, yield_now};

pub(crate) use join::Running;
pub(crate) use remote::Remote;

/// A handle to a running task, and a future of its output.
///
/// Awaiting it parks until the task has ended, and returns the output. [`outcome`](Task::outcome) returns a `Result`
/// instead of panicking.
///
/// **Dropping the handle detaches the task: it runs on**, and loses nothing but the output. If it panics then, the hook of
/// [`on_unobserved_panic`] is called.
///
/// # Panics
/// Awaiting resumes the task's panic. If the task was cancelled, or its value was taken before, it panics with a message
/// that names the line that started the task.
///
/// ```
/// use async_dsl::scheduler::Scheduler;
///
/// let task = Scheduler::global().spawn(async { 6 * 7 });
/// assert_eq!(async_dsl::block_on(task), 42);
/// ```
pub struct Task<T> {
    owner: Owner<Running<T>>,
    started_at: Line,
    id: TaskId,
}

impl<T> Task<T> {
    pub(crate) fn new(task: Running<T>, started_at: Line, id: TaskId) -> Self {
        Self {
            owner: Owner::new(task),
            started_at,
            id,
        }
    }

    /// Returns what cancels the task without its handle; `None` if its output was taken.
    pub(crate) fn remote(&self) -> Option<Remote> {
        self.owner.look(Running::remote)
    }

    /// Returns a wait for the task by reference.
    pub(crate) fn joining(&self) -> Joining<'_, T> {
        Joining {
            task: self,
            wait: self.owner.wait(),
        }
    }

    /// Returns the line that started the task.
    ///
    /// ```
    /// let task = async_dsl::scheduler::Scheduler::manual().spawn(async { });
    /// assert!(task.started_at().line() > 0);
    /// ```
    pub fn started_at(&self) -> Line {
        self.started_at
    }

    /// Returns the task's number, which [`inspect`](crate::inspect) shows: unique in its scheduler.
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// let task = scheduler.spawn(async { });
    /// assert_eq!(scheduler.snapshot().tasks[0].number, task.number());
    /// ```
    pub fn number(&self) -> u64 {
        self.id.number()
    }

    /// Waits for the task and returns how it ended, instead of panicking if it panicked or was cancelled.
    ///
    /// Parks until the task has ended. Dropping the future detaches the task.
    ///
    /// # Errors
    /// [`TaskError::Panicked`] with the panic, [`TaskError::Cancelled`] if the task was cancelled.
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let scheduler = Scheduler::manual();
    /// let task = scheduler.spawn(async { if true { panic!("no luck") } });
    /// let error = scheduler.block_on(task.outcome()).unwrap_err();
    /// assert!(error.to_string().contains("no luck"));
    /// ```
    pub fn outcome(self) -> Outcome<T> {
        Outcome { task: self }
    }

    /// Returns whether the task has ended: finished, panicked, or cancelled (even if it has yet to reach the parking point
    /// at which it stops).
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// let task = scheduler.spawn(async { });
    /// assert!(!task.is_finished());
    /// scheduler.run_once();
    /// assert!(task.is_finished());
    /// ```
    pub fn is_finished(&self) -> bool {
        touch_task(self.id, Kind::Looks);
        self.owner.is_finished()
    }

    /// Lets the task run on without its handle: the same as dropping the handle, but explicit.
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// scheduler.spawn(async { }).detach();
    /// assert_eq!(scheduler.task_count(), 1);
    /// ```
    pub fn detach(self) {
        drop(self);
    }

    /// Polls the task through a shared reference.
    ///
    /// # Panics
    /// If its value was taken before; the message names the line that started the task.
    pub(crate) fn poll_join(&self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        let polled = self.owner.poll(cx, self.started_at);
        self.judge(polled)
    }

    /// As [`poll_join`](Self::poll_join), through the only reference, which needs no lock while there is no canceller.
    #[inline]
    fn poll_own(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        let polled = self.owner.poll_own(cx, self.started_at);
        self.judge(polled)
    }

    /// What is done before a poll on a simulated scheduler: where every schedule is explored, the output of one that has ended is
    /// kept for the next turn.
    #[cold]
    #[inline(never)]
    fn poll_explored(&self, go: Go, cx: &Context<'_>) -> Poll<()> {
        if !simulated::explores() {
            return Poll::Ready(());
        }
        if go == Go::Begins {
            simulated::begins(true);
            touch_task(self.id, Kind::Awaits);
            if self.owner.look(Running::has_ended) == Some(true) {
                simulated::defer(cx);
                return Poll::Pending;
            }
        } else if !has_served(self.id) {
            touch_task(self.id, Kind::Any);
        }
        Poll::Ready(())
    }

    /// How the task ended, if it has; else whoever waits is parked on it.
    fn judge(&self, polled: Poll<Finished<T>>) -> Poll<Result<T, TaskError>> {
        let Poll::Ready(finished) = polled else {
            note::note(At::UNKNOWN, On::Task(self.id, self.started_at));
            running::joins();
            return Poll::Pending;
        };
        Poll::Ready(match finished.into_result() {
            Some(result) => result.map_err(TaskError::Panicked),
            None => Err(TaskError::Cancelled {
                started_at: self.started_at,
            }),
        })
    }
}

impl<T: Send + 'static> Task<T> {
    /// Stops the task at its next parking point. Returns its output if it had already finished, or has no parking point left
    /// before its end: what it took on its way there is not lost. This takes effect at once; awaiting the result parks until
    /// the task's future is dropped. Tasks that it started run on.
    ///
    /// For a task that had panicked it returns `None`, and the panic goes to the hook of [`on_unobserved_panic`].
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let scheduler = Scheduler::manual();
    /// let task = scheduler.spawn(std::future::pending::<i32>());
    /// assert_eq!(scheduler.block_on(task.cancel()), None);
    /// ```
    pub fn cancel(self) -> Cancel<T> {
        touch_task(self.id, Kind::Cancel);
        self.owner.cancel();
        Cancel { task: self }
    }

    /// Returns a handle with which other tasks can stop this one while it is awaited.
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    /// use async_dsl::task::TaskError;
    ///
    /// let scheduler = Scheduler::manual();
    /// let task = scheduler.spawn(std::future::pending::<()>());
    /// task.canceller().cancel();
    /// let outcome = scheduler.block_on(task.outcome());
    /// assert!(matches!(outcome, Err(TaskError::Cancelled { .. })));
    /// ```
    pub fn canceller(&self) -> Canceller {
        Canceller {
            way: Way::Join(self.owner.canceller()),
            started_at: self.started_at,
        }
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let go = ready!(budget::poll_go(cx));
        let task = self.get_mut();
        if go != Go::Free {
            ready!(task.poll_explored(go, cx));
        }
        task.poll_own(cx).map(value_or_panic)
    }
}

fn value_or_panic<T>(outcome: Result<T, TaskError>) -> T {
    match outcome {
        Ok(value) => value,
        Err(TaskError::Panicked(panic)) => std::panic::resume_unwind(panic.into_panic()),
        Err(error) => panic!("{error}: `outcome()` gives this as an error"),
    }
}

/// A wait for a task by reference: the `await!(task)` arm of [`alt!`](crate::alt!).
///
/// Parks until the task has ended. Dropping it loses nothing: the task runs on and can be awaited again. There may be
/// several; one of them gets the output.
///
/// # Panics
/// As awaiting the task does; so also if another wait got the output.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Joining<'a, T> {
    task: &'a Task<T>,
    wait: Wait,
}

impl<T> Future for Joining<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Self { task, wait } = &mut *self;
        if simulated::explores() {
            touch_task(task.id, Kind::Any);
            let has_ended = task.owner.look(Running::has_ended) == Some(true);
            if simulated::is_asked(has_ended) {
                return Poll::Pending;
            }
        }
        let outcome = wait.poll(cx, |cx| task.poll_join(cx));
        outcome.map(value_or_panic)
    }
}

impl<T> fmt::Debug for Joining<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Joining").field(self.task).finish()
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("started_at", &format_args!("{}", self.started_at))
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

/// The future of [`Task::outcome`]. Dropping it detaches the task.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Outcome<T> {
    task: Task<T>,
}

impl<T> Outcome<T> {
    pub(crate) fn into_task(self) -> Task<T> {
        self.task
    }
}

impl<T> Future for Outcome<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let go = ready!(budget::poll_go(cx));
        let task = &mut self.get_mut().task;
        if go != Go::Free {
            ready!(task.poll_explored(go, cx));
        }
        task.poll_own(cx)
    }
}

/// The future of [`Task::cancel`]. The task is cancelled whether or not this is awaited.
#[derive(Debug)]
pub struct Cancel<T> {
    task: Task<T>,
}

impl<T> Future for Cancel<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        ready!(budget::poll_left(cx));
        let task = &self.get_mut().task;
        touch_task(task.id, Kind::Any);
        let finished = ready!(task.owner.poll(cx, task.started_at));
        budget::spend();
        Poll::Ready(finished.into_value())
    }
}

/// A handle for stopping a task without its [`Task`]. Made by [`Task::canceller`], and by `go!(group = g, …)`. Dropping it
/// does nothing to the task.
#[derive(Clone)]
pub struct Canceller {
    way: Way,
    started_at: Line,
}

#[derive(Clone)]
enum Way {
    Join(Arc<dyn join::Cancellable>),
    /// Of a task to whose output there is no handle. `None` if it had ended.
    Remote(Option<Remote>),
}

impl Canceller {
    pub(crate) fn of(remote: Option<Remote>, started_at: Line) -> Self {
        let way = Way::Remote(remote);
        Self { way, started_at }
    }

    /// Stops the task at its next parking point; its awaiter gets [`Cancelled`](TaskError::Cancelled). A task that has
    /// ended is left as it is, and so is one that ends before it parks again: its output can still be awaited. Cancelling
    /// twice is the same as once.
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// let task = scheduler.spawn(async { 42 });
    /// scheduler.run_once();
    /// task.canceller().cancel(); // too late
    /// assert_eq!(scheduler.block_on(task), 42);
    /// ```
    pub fn cancel(&self) {
        match &self.way {
            Way::Join(join) => join.cancel(),
            Way::Remote(remote) => remote.iter().for_each(Remote::cancel),
        }
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller")
            .field("started_at", &format_args!("{}", self.started_at))
            .finish_non_exhaustive()
    }
}
