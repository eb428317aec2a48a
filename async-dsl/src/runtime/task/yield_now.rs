//! Yielding to the other tasks.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::runtime::{note, simulated};

/// Lets the other ready tasks run before this one continues.
///
/// **Parks** for one turn: the task goes to the back of the queue. **Dropping** the future loses nothing.
///
/// # Examples
///
/// ```
/// use async_dsl::task::yield_now;
/// use futures_lite::future::block_on;
///
/// block_on(async {
///     for step in 0..3 {
///         // … a part of a long computation …
///         yield_now().await;
///     }
/// });
/// ```
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[must_use = "futures do nothing unless awaited"]
#[derive(Debug)]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        simulated::yields();
        cx.waker().wake_by_ref();
        note::still();
        Poll::Pending
    }
}
