//! Taking with a time limit.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::commit::Operation;
use crate::runtime::place::At;
use crate::runtime::time::{Elapsed, Sleep, poll_limited};

pin_project! {
    /// The future of [`Chan::take_for`](super::Chan::take_for) and `take!` with a time limit.
    ///
    /// If a value comes just as the limit elapses, the value wins: a put at a rendezvous that is done has been taken.
    /// Dropping the future loses nothing: a value that was handed to it goes to the next taker in line, or back.
    ///
    /// # Panics
    ///
    /// When polled again after it is done.
    #[must_use = "a take does nothing unless it is awaited"]
    pub struct TakeFor<O> {
        #[pin]
        take: O,
        // `None` once this is done.
        sleep: Option<Sleep>,
        limit: Duration,
        tried: u32,
    }
}

impl<O> TakeFor<O> {
    pub(crate) fn new(take: O, limit: Duration) -> Self {
        Self {
            take,
            sleep: Some(Sleep::new(limit, At::UNKNOWN)),
            limit,
            tried: 0,
        }
    }
}

impl<O> Future for TakeFor<O>
where
    O: Operation + Future<Output = <O as Operation>::Output>,
{
    type Output = Result<<O as Operation>::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(time) = this.sleep else {
            panic!("a take was polled after it was over")
        };
        let taken = ready!(poll_limited(cx, time, this.tried, |cx| {
            this.take.as_mut().poll(cx)
        }));
        *this.sleep = None;
        Poll::Ready(match taken {
            Some(output) => Ok(output),
            None => match this.take.end() {
                Poll::Ready(output) => Ok(output), // it happened since it was polled
                Poll::Pending => Err(Elapsed::after(*this.limit)),
            },
        })
    }
}

impl<O> fmt::Debug for TakeFor<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeFor")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
