//! The error of a promise that can no longer be delivered.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// The last resolver of a promise was dropped before a value was delivered.
///
/// # Examples
///
/// ```
/// let (resolver, promise) = async_dsl::promise::promise::<u32>();
/// drop(resolver);
/// let broken = promise.wait_blocking().unwrap_err();
/// assert!(broken.to_string().starts_with("the promise made at "));
/// assert_eq!(broken.panic_message(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Broken {
    made_at: &'static Location<'static>,
    task: Option<&'static Location<'static>>,
    panic: Option<Arc<str>>,
}

impl Broken {
    pub(super) fn new(
        made_at: &'static Location<'static>,
        task: Option<&'static Location<'static>>,
        panic: Option<&str>,
    ) -> Self {
        Self {
            made_at,
            task,
            panic: panic.map(Arc::from),
        }
    }

    /// Returns the line that made the promise.
    ///
    /// # Examples
    ///
    /// ```
    /// let (resolver, promise) = async_dsl::promise::promise::<u32>();
    /// let line = line!() - 1;
    /// drop(resolver);
    /// assert_eq!(promise.wait_blocking().unwrap_err().made_at().line(), line);
    /// ```
    pub fn made_at(&self) -> &'static Location<'static> {
        self.made_at
    }

    /// Returns the line that started the task, or sent the action, that dropped the last resolver; `None` if neither
    /// did.
    ///
    /// # Examples
    ///
    /// ```
    /// let (resolver, promise) = async_dsl::promise::promise::<u32>();
    /// let task = async_dsl::go!(drop(resolver));
    /// assert_eq!(promise.wait_blocking().unwrap_err().task(), Some(task.started_at()));
    /// ```
    pub fn task(&self) -> Option<&'static Location<'static>> {
        self.task
    }

    /// Returns the panic message of that task, if its panic dropped the resolver.
    ///
    /// # Examples
    ///
    /// ```
    /// let (resolver, promise) = async_dsl::promise::promise::<u32>();
    /// async_dsl::go!({
    ///     let answer = "forty-two".parse().expect("a number");
    ///     resolver.deliver(answer);
    /// });
    /// let broken = promise.wait_blocking().unwrap_err();
    /// assert!(broken.panic_message().unwrap().starts_with("a number"));
    /// ```
    pub fn panic_message(&self) -> Option<&str> {
        self.panic.as_deref()
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the promise made at {} is broken: ", self.made_at)?;
        match (self.task, &self.panic) {
            (Some(task), Some(panic)) => write!(f, "the task started at {task} panicked: {panic}"),
            (None, Some(panic)) => write!(f, "the thread of its resolver panicked: {panic}"),
            (Some(task), None) => {
                write!(f, "its resolver was dropped by the task started at {task}")
            }
            (None, None) => write!(f, "its resolver was dropped"),
        }
    }
}

impl Error for Broken {}
