//! How a task can end without a value.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::runtime::hook::Hook;
use crate::runtime::place::Line;
use crate::runtime::simulated;
use crate::runtime::wake::swallow;

/// Why a task returned no value.
///
/// ```
/// use async_dsl::{scheduler::Scheduler, task::TaskError};
///
/// let scheduler = Scheduler::manual();
/// let task = scheduler.spawn(std::future::pending::<()>());
/// task.canceller().cancel();
/// match scheduler.block_on(task.outcome()) {
///     Ok(()) => println!("done"),
///     Err(TaskError::Panicked(panic)) => println!("panicked: {}", panic.message()),
///     Err(error) => println!("{error}"), // the task started at … was cancelled
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum TaskError {
    /// It panicked.
    Panicked(TaskPanic),
    /// It was cancelled, by a handle or because its scheduler ended.
    Cancelled {
        /// The line that started the task.
        started_at: Line,
    },
}

impl TaskError {
    /// Returns the line that started the task.
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let scheduler = Scheduler::manual();
    /// let task = scheduler.spawn(std::future::pending::<()>());
    /// let line = task.started_at();
    /// task.canceller().cancel();
    /// assert_eq!(scheduler.block_on(task.outcome()).unwrap_err().started_at(), line);
    /// ```
    pub fn started_at(&self) -> Line {
        match self {
            Self::Panicked(panic) => panic.started_at(),
            Self::Cancelled { started_at } => started_at,
        }
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(panic) => panic.fmt(f),
            Self::Cancelled { started_at } => {
                write!(f, "the task started at {started_at} was cancelled")
            }
        }
    }
}

impl Error for TaskError {}

/// The panic of a task: in [`TaskError::Panicked`], and passed to the hook of [`on_unobserved_panic`].
pub struct TaskPanic(Box<Panic>);

struct Panic {
    /// In a mutex only so that the error is `Sync`.
    payload: Mutex<Payload>,
    message: Box<str>,
    started_at: Line,
}

type Payload = Box<dyn Any + Send>;

/// Returns the message of a panic, if its payload is text as `panic!` makes it.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "a panic whose payload is not text"
    }
}

impl TaskPanic {
    pub(crate) fn new(payload: Payload, started_at: Line) -> Self {
        let message = panic_text(&*payload).into();
        Self(Box::new(Panic {
            payload: Mutex::new(payload),
            message,
            started_at,
        }))
    }

    /// Returns the message, if the payload is text as `panic!` makes it; otherwise a text that says so.
    ///
    /// ```
    /// use async_dsl::{scheduler::Scheduler, task::TaskError};
    ///
    /// let scheduler = Scheduler::manual();
    /// let task = scheduler.spawn(async { if true { panic!("no luck") } });
    /// let Err(TaskError::Panicked(panic)) = scheduler.block_on(task.outcome()) else { unreachable!() };
    /// assert_eq!(panic.message(), "no luck");
    /// assert_eq!(*panic.into_panic().downcast::<&str>().unwrap(), "no luck");
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the line that started the task.
    ///
    /// ```
    /// async_dsl::task::on_unobserved_panic(|panic| {
    ///     eprintln!("{}: {}", panic.started_at(), panic.message());
    /// });
    /// ```
    pub fn started_at(&self) -> Line {
        self.0.started_at
    }

    /// Returns the payload of the panic, for [`std::panic::resume_unwind`].
    ///
    /// ```
    /// use async_dsl::{scheduler::Scheduler, task::TaskError};
    ///
    /// let scheduler = Scheduler::manual();
    /// let task = scheduler.spawn(async { std::panic::resume_unwind(Box::new(42)) });
    /// let outcome: Result<(), _> = scheduler.block_on(task.outcome());
    /// let Err(TaskError::Panicked(panic)) = outcome else { unreachable!() };
    /// assert_eq!(*panic.into_panic().downcast::<i32>().unwrap(), 42);
    /// ```
    pub fn into_panic(self) -> Box<dyn Any + Send> {
        self.0
            .payload
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls the hook. A panic of the hook itself, or of dropping the payload, is swallowed.
    pub(crate) fn report(self) {
        let hook = HOOK.get();
        let told = catch_unwind(AssertUnwindSafe(|| match hook {
            Some(hook) => {
                self.is_kept();
                hook(&self);
            }
            None if self.is_kept() => {}
            None => eprintln!("{self}, and nobody awaited it"),
        }));
        for payload in [told.err(), Some(self.into_panic())].into_iter().flatten() {
            swallow(payload);
        }
    }
}

impl TaskPanic {
    /// Returns whether a simulated schedule has kept it.
    fn is_kept(&self) -> bool {
        simulated::keep_panic(self.message(), self.started_at())
    }
}

impl fmt::Display for TaskPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the task started at {} panicked: {}",
            self.0.started_at, self.0.message
        )
    }
}

impl fmt::Debug for TaskPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskPanic")
            .field("message", &self.0.message)
            .field("started_at", &format_args!("{}", self.0.started_at))
            .finish_non_exhaustive()
    }
}

impl Error for TaskPanic {}

static HOOK: Hook<TaskPanic> = Hook::new();

/// Sets the hook that is called for each panic that no task awaits: of detached tasks, of outputs that panic when they
/// are dropped unread, and of futures that panic when they are dropped. It replaces an earlier hook; the default one
/// writes a line to standard error. In [`sim::check`](crate::sim::check) and `#[async_dsl::test]` such a panic fails the
/// run as well.
///
/// ```
/// async_dsl::task::on_unobserved_panic(|panic| eprintln!("{panic}"));
/// ```
pub fn on_unobserved_panic(hook: impl Fn(&TaskPanic) + Send + Sync + 'static) {
    HOOK.set(hook);
}

/// The output of every task for async-task: small for panics, and dropping it reports them.
///
/// A task is never cancelled through async-task, which drops the output of one that is cancelled in its last poll: having
/// been cancelled is an output too.
pub(crate) struct Finished<T> {
    /// `None` if the task was cancelled.
    result: Option<Result<T, TaskPanic>>,
    started_at: Line,
}

impl<T> Finished<T> {
    pub(crate) fn value(value: T, started_at: Line) -> Self {
        Self {
            result: Some(Ok(value)),
            started_at,
        }
    }

    pub(crate) fn panicked(panic: TaskPanic) -> Self {
        let started_at = panic.started_at();
        Self {
            result: Some(Err(panic)),
            started_at,
        }
    }

    pub(crate) fn cancelled(started_at: Line) -> Self {
        Self {
            result: None,
            started_at,
        }
    }

    /// Returns `None` if the task was cancelled.
    pub(crate) fn into_result(mut self) -> Option<Result<T, TaskPanic>> {
        self.result.take()
    }

    /// Returns the value; a panic goes to the hook.
    pub(crate) fn into_value(self) -> Option<T> {
        match self.into_result()? {
            Ok(value) => Some(value),
            Err(panic) => {
                panic.report();
                None
            }
        }
    }
}

impl<T> Drop for Finished<T> {
    fn drop(&mut self) {
        match self.result.take() {
            None => {}
            Some(Err(panic)) => panic.report(),
            Some(Ok(value)) => {
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
                    TaskPanic::new(payload, self.started_at).report();
                }
            }
        }
    }
}
