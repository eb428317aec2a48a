//! A future whose panics are caught where its task is not to end by them.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::linger::{self, Lingering};
use super::poll_end::PollEnds;
use super::task::error::TaskPanic;
use super::tracked::{line, report};

pin_project! {
    /// Polls the future under `catch_unwind`, and drops it before it returns how that has ended.
    pub(crate) struct Caught<F> {
        #[pin]
        future: Option<F>,
        last: Option<Box<Last>>,
    }
}

/// Of a future that was dropped by a panic, or because its end is not waited for any more, and has left something to be waited
/// for.
struct Last {
    lingering: Lingering,
    panic: Option<TaskPanic>,
}

impl<F> Caught<F> {
    pub(crate) const fn new(future: F) -> Self {
        Self {
            future: Some(future),
            last: None,
        }
    }

    /// Drops the future. A panic of that is reported.
    fn end(self: Pin<&mut Self>, ends: PollEnds, panic: Option<&TaskPanic>) -> Option<Lingering> {
        let mut future = self.project().future;
        let mut dropped = Ok(());
        let lingering = linger::collect(|| {
            dropped = catch_unwind(AssertUnwindSafe(|| future.set(None)));
        });
        let others = ends.run(panic.map(TaskPanic::message));
        report(dropped.err().into_iter().chain(others));
        lingering
    }

    /// Drops the future, unless it was. From now on a poll waits for what it has left, and returns `None`.
    pub(crate) fn abandon(mut self: Pin<&mut Self>) {
        if self.future.is_none() {
            return;
        }
        let lingering = self.as_mut().end(PollEnds::new(), None);
        let last = lingering.map(|lingering| {
            Box::new(Last {
                lingering,
                panic: None,
            })
        });
        *self.project().last = last;
    }
}

impl<F: Future> Future for Caught<F> {
    /// `None` if it was abandoned.
    type Output = Option<Result<F::Output, TaskPanic>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.future.is_none() {
            return self.linger(cx);
        }
        let ends = PollEnds::new();
        let Some(future) = self.as_mut().project().future.as_pin_mut() else {
            unreachable!("it is there")
        };
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => {
                report(ends.run(None).into_iter());
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => {
                self.end(ends, None);
                Poll::Ready(Some(Ok(value)))
            }
            Err(payload) => {
                ends.unwound();
                let panic = TaskPanic::new(payload, line());
                let Some(lingering) = self.as_mut().end(ends, Some(&panic)) else {
                    return Poll::Ready(Some(Err(panic)));
                };
                let panic = Some(panic);
                *self.as_mut().project().last = Some(Box::new(Last { lingering, panic }));
                self.linger(cx)
            }
        }
    }
}

impl<F: Future> Caught<F> {
    #[cold]
    fn linger(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<F::Output, TaskPanic>>> {
        let last = self.project().last;
        if let Some(last) = last {
            ready!(last.lingering.poll(cx));
        }
        Poll::Ready(last.take().and_then(|last| last.panic).map(Err))
    }
}
