//! A future whose panics are caught where its task is not to end by them.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::poll_end::PollEnds;
use super::task::error::TaskPanic;
use super::tracked::{line, report};

pin_project! {
    /// Polls the future under `catch_unwind`, and drops it before it returns how that has ended. It is only ever polled in a
    /// task.
    pub(crate) struct Caught<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<F> Caught<F> {
    pub(crate) const fn new(future: F) -> Self {
        let future = Some(future);
        Self { future }
    }

    /// Drops the future. A panic of that is reported.
    fn end(self: Pin<&mut Self>, ends: PollEnds, panic: Option<&TaskPanic>) {
        let mut future = self.project().future;
        let dropped = catch_unwind(AssertUnwindSafe(|| future.set(None)));
        let others = ends.run(panic.map(TaskPanic::message));
        report(dropped.err().into_iter().chain(others));
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, TaskPanic>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ends = PollEnds::new();
        let Some(future) = self.as_mut().project().future.as_pin_mut() else {
            unreachable!("it is not polled again after it has ended")
        };
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => {
                let others = ends.run(None);
                report(others.into_iter());
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => {
                self.end(ends, None);
                Poll::Ready(Ok(value))
            }
            Err(payload) => {
                ends.unwound();
                let panic = TaskPanic::new(payload, line());
                self.end(ends, Some(&panic));
                Poll::Ready(Err(panic))
            }
        }
    }
}
