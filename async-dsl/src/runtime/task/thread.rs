//! `thread!`: blocking code beside the tasks.

use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::runtime::handle::Handle;
use crate::runtime::id::TaskId;
use crate::runtime::note::{self, On};
use crate::runtime::place::{At, Line};
use crate::runtime::poll_end::PollEnds;
use crate::runtime::running::{self, PollScope, Polling};
use crate::runtime::task::Task;
use crate::runtime::task::error::{Finished, TaskPanic};

/// Starts `f` on a pool of threads for blocking code, and returns a task that waits for it.
///
/// Tasks that `f` starts run on the scheduler of the caller of this function. Cancelling the task stops the waiting only:
/// the closure runs on, and its output is dropped (a panic goes to the hook of
/// [`on_unobserved_panic`](crate::task::on_unobserved_panic)).
///
/// # Panics
/// On a simulated scheduler; the message names the line. Awaiting the task resumes the panic of `f`.
///
/// ```
/// let task = async_dsl::task::spawn_thread(|| 6 * 7);
/// assert_eq!(async_dsl::block_on(task), 42);
/// ```
#[track_caller]
pub fn spawn_thread<F, T>(f: F) -> Task<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    spawn_thread_at(f, Location::caller())
}

/// As [`spawn_thread`], for the call at this line.
pub(crate) fn spawn_thread_at<F, T>(f: F, at: Line) -> Task<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let current = running::current();
    assert!(
        current.sim().is_none(),
        "`thread!` at {at} cannot be simulated, since a real thread keeps to no schedule: start a task with `go!`, or run \
         the test on real threads, with `#[async_dsl::test(threads = 2)]`"
    );
    let out = current.outside();
    let handle = current.clone();
    let closure = Closure(Some(blocking::unblock(move || run(&handle, f, at))));
    current.spawn(
        async move {
            let finished = closure.await;
            drop(out);
            match finished.into_result() {
                Some(Ok(value)) => value,
                Some(Err(panic)) => resume_unwind(panic.into_panic()),
                None => unreachable!("a closure cannot be cancelled"),
            }
        },
        at,
    )
}

/// Runs the closure on a thread of the pool.
fn run<T>(handle: &Handle, f: impl FnOnce() -> T, at: Line) -> Finished<T> {
    let _entered = running::enter(handle);
    let _scope = PollScope::new(Polling::Thread, TaskId::NONE, running::UNLIMITED);
    let ends = PollEnds::new();
    let result = catch_unwind(AssertUnwindSafe(f));
    let (finished, others) = match result {
        Ok(value) => (Finished::value(value, at), ends.run(None)),
        Err(payload) => {
            let panic = TaskPanic::new(payload, at);
            let others = ends.run(Some(panic.message()));
            (Finished::panicked(panic), others)
        }
    };
    for payload in others {
        TaskPanic::new(payload, at).report();
    }
    finished
}

/// A closure that was sent to the pool. Dropping this doesn't stop it, not even if no thread has started it yet.
struct Closure<T>(Option<async_task::Task<T>>);

impl<T> Future for Closure<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut self.0 {
            Some(task) => {
                let polled = Pin::new(task).poll(cx);
                if polled.is_pending() {
                    note::note(At::UNKNOWN, On::Thread);
                }
                polled
            }
            None => unreachable!("only dropping takes the task"),
        }
    }
}

impl<T> Drop for Closure<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}
