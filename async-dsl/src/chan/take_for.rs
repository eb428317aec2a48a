//! Taking with a limit of time.

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
    /// The future of [`Chan::take_for`](super::Chan::take_for) and `take!` with a time.
    ///
    /// A value that is there wins over a time that is over, and so does one that comes at that very moment: a put that is done
    /// has been taken. Dropping the future loses nothing: a value that was handed to it goes to the next taker in line.
    ///
    /// # Panics
    ///
    /// When polled again after it gave its result.
    #[must_use = "a take does nothing unless it is awaited"]
    pub struct TakeFor<O> {
        #[pin]
        take: O,
        // Until it is over.
        sleep: Option<Sleep>,
        limit: Duration,
        tried: u32,
    }
}

impl<O> TakeFor<O> {
    pub(crate) fn new(take: O, limit: Duration) -> Self {
        Self {
            take,
            sleep: Some(Sleep::new(limit, At::Unknown)),
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
                Poll::Ready(output) => Ok(output), // it happened just now
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
