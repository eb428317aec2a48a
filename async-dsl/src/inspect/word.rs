//! A future inside a word, which lends it its place.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::note::within;
use super::place::At;

pin_project! {
    /// A future whose place is that of the word around it.
    #[doc(hidden)]
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct InWord<F> {
        #[pin]
        future: F,
        at: At,
    }
}

/// `future`, as the word at `at`.
#[doc(hidden)]
pub fn at<F: Future>(at: At, future: F) -> InWord<F> {
    InWord { future, at }
}

impl<F: Future> Future for InWord<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        within(*this.at, || this.future.poll(cx))
    }
}
