//! A session: variables and functions that persist, and the thread that evaluates.

use std::sync::mpsc;
use std::{fmt, io, thread};

use super::answer::Answer;
use super::evaluator::Evaluator;
use super::exports::Exports;
use super::limits::Limits;
use super::wait::{Cancelled, cancel};
use crate::promise::{Resolver, promise};
use crate::runtime::block::Blocking;
use crate::runtime::running::assert_may_block;

/// The stack of a session's thread. The deepest calls and values that the limits allow took less than 8 MiB of it, in a
/// build without optimization. It is a reservation: only what is used takes memory.
const STACK: usize = 32 << 20;

/// A session of the evaluator without a socket, for a program with a transport of its own, and for tests.
///
/// It has its own thread, off the async workers, with its own variables and functions. Dropping the session ends the thread.
///
/// # Examples
///
/// Variables persist, and errors do no harm:
///
/// ```
/// use async_dsl::console::{Exports, Session};
///
/// let mut session = Session::new(&Exports::new())?;
/// assert_eq!(session.eval_blocking("1 + 2 + 3").result(), Ok("6"));
/// assert_eq!(session.eval_blocking("let x = 20; x = x + 1;").result(), Ok("()"));
/// assert!(session.eval_blocking("x + y").result().unwrap_err().contains("Variable not found: y"));
/// assert_eq!(session.eval_blocking("x * 2").result(), Ok("42"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Session {
    asks: mpsc::Sender<Ask>,
}

struct Ask {
    form: String,
    cancelled: Cancelled,
    answer: Resolver<Answer>,
}

impl Session {
    /// Starts a session that reaches the exports.
    ///
    /// # Errors
    ///
    /// That of the operating system if it cannot start a thread.
    pub fn new(exports: &Exports) -> io::Result<Self> {
        Self::with_limits(exports, Limits::default())
    }

    /// Starts a session with other limits.
    ///
    /// # Errors
    ///
    /// That of the operating system if it cannot start a thread.
    pub fn with_limits(exports: &Exports, limits: Limits) -> io::Result<Self> {
        Self::start(exports.clone(), limits, ())
    }

    /// `held` is dropped when the thread has ended.
    pub(super) fn start(
        exports: Exports,
        limits: Limits,
        held: impl Send + 'static,
    ) -> io::Result<Self> {
        let (asks, asked) = mpsc::channel::<Ask>();
        thread::Builder::new()
            .name("async-dsl-console".into())
            .stack_size(STACK)
            .spawn(move || {
                let _held = held;
                let mut evaluator = Evaluator::new(exports, limits);
                for ask in asked {
                    ask.answer.deliver(evaluator.eval(&ask.form, ask.cancelled));
                }
            })?;
        Ok(Self { asks })
    }

    /// Evaluates all statements of a form, and returns the value of the last one.
    ///
    /// **Parks** until it is done, at most until the [deadline](Limits::deadline), or until a function of the program
    /// that it calls returns. **Dropping** it cancels the evaluation; its effects so far stay.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::{Exports, Session};
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let mut session = Session::new(&Exports::new()).unwrap();
    ///     let answer = timeout!(1min, { session.eval("6 * 7").await }).unwrap();
    ///     assert_eq!(answer.result(), Ok("42"));
    /// }));
    /// ```
    pub async fn eval(&mut self, form: &str) -> Answer {
        let (guard, cancelled) = cancel();
        let (resolver, answer) = promise();
        let ask = Ask {
            form: form.into(),
            cancelled,
            answer: resolver,
        };
        if self.asks.send(ask).is_err() {
            return Answer::error("the session has ended");
        }
        let answer = answer.await;
        drop(guard);
        answer.unwrap_or_else(Answer::error)
    }

    /// Evaluates a form. Blocks this thread until it is done.
    ///
    /// # Panics
    ///
    /// If this thread is polling a task, where it would block a worker.
    #[track_caller]
    pub fn eval_blocking(&mut self, form: &str) -> Answer {
        assert_may_block("Session::eval_blocking", std::panic::Location::caller());
        Blocking::unseen().on(self.eval(form))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
