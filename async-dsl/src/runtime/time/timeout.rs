//! Time limits: [`timeout`], and [`Elapsed`], the error of an operation that exceeded one.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{fmt, io};

use pin_project_lite::pin_project;

use crate::runtime::linger::{self, Lingering};
use crate::runtime::place::At;
use crate::runtime::time::Sleep;
use crate::runtime::{budget, note, simulated};

/// The error of an operation that was not done within its time limit.
///
/// # Examples
///
/// ```
/// use async_dsl::time::Elapsed;
/// use std::time::Duration;
///
/// fn patience(error: Elapsed) -> Duration {
///     error.limit() * 2
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Elapsed {
    limit: Duration,
}

impl Elapsed {
    pub(crate) fn after(limit: Duration) -> Self {
        Self { limit }
    }

    /// Returns the time limit.
    pub fn limit(&self) -> Duration {
        self.limit
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not done within {:?}", self.limit)
    }
}

impl Error for Elapsed {}

impl From<Elapsed> for io::Error {
    /// Converts into an error of the kind [`TimedOut`](io::ErrorKind::TimedOut).
    fn from(elapsed: Elapsed) -> Self {
        Self::new(io::ErrorKind::TimedOut, elapsed)
    }
}

/// Awaits the future within a time limit, from this call on, by the clock of the current scheduler.
///
/// **Parks** until the future is done or the limit elapses. A future that is ready at the deadline wins, even if the limit
/// is 0. Otherwise the future is dropped at the deadline, which cancels it where it is parked; pass `&mut future` to keep
/// one. If a `scope!` was in progress in it, its tasks are cancelled, and this parks on until they have ended. **Dropping** the timeout drops the future.
///
/// # Errors
///
/// [`Elapsed`] if the time limit elapses first.
///
/// # Panics
///
/// When polled again after it is done.
///
/// # Examples
///
/// ```
/// use async_dsl::time::timeout;
/// use std::time::Duration;
///
/// async_dsl::block_on(async {
///     let limit = Duration::from_millis(10);
///     assert_eq!(timeout(limit, async { 42 }).await, Ok(42));
///     assert!(timeout(limit, std::future::pending::<()>()).await.is_err());
/// });
/// ```
pub fn timeout<F: IntoFuture>(limit: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        future: Some(future.into_future()),
        sleep: Some(Sleep::new(limit, At::UNKNOWN)),
        limit,
        tried: 0,
        lingering: None,
    }
}

pin_project! {
    /// The future of [`timeout`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Timeout<F> {
        #[pin]
        future: Option<F>,
        sleep: Option<Sleep>,
        limit: Duration,
        // Operations since a poll of the future last ended where it parks.
        tried: u32,
        // What the future has left when it was dropped at the deadline.
        lingering: Option<Lingering>,
    }
}

/// After this many operations, a future that the budget stops in each poll counts as not ready.
const ENOUGH: u32 = budget::PER_POLL / 2;

/// Returns whether the budget may have stopped the future too soon to say that it is not ready. `before` is what was used
/// before it was polled.
fn was_stopped_too_soon(tried: &mut u32, before: u32) -> bool {
    if !budget::was_stopped() {
        *tried = 0;
        return false;
    }
    *tried += budget::used().saturating_sub(before);
    *tried < ENOUGH
}

impl<F> Timeout<F> {
    /// Returns the same with a time limit as exact as the system's timers: see [`precise`](super::precise).
    ///
    /// ```
    /// use async_dsl::time::timeout;
    /// use std::time::Duration;
    ///
    /// let limit = Duration::from_micros(300);
    /// let limited = timeout(limit, std::future::pending::<()>()).precise();
    /// assert_eq!(async_dsl::block_on(limited).unwrap_err().limit(), limit);
    /// ```
    pub fn precise(mut self) -> Self {
        self.sleep = self.sleep.map(Sleep::precise);
        self
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(lingering) = this.lingering {
            ready!(lingering.poll(cx));
            *this.lingering = None;
            return Poll::Ready(Err(Elapsed::after(*this.limit)));
        }
        let (Some(future), Some(sleep)) = (this.future.as_mut().as_pin_mut(), this.sleep.as_mut())
        else {
            panic!("a timeout was polled after it was over")
        };
        let output = ready!(poll_limited(cx, sleep, this.tried, |cx| future.poll(cx)));
        *this.sleep = None;
        let future = &mut this.future;
        if output.is_none() {
            *this.lingering = linger::collect(|| future.set(None));
            if let Some(lingering) = this.lingering {
                ready!(lingering.poll(cx));
                *this.lingering = None;
            }
        } else {
            future.set(None);
        }
        Poll::Ready(output.ok_or(Elapsed::after(*this.limit)))
    }
}

/// Polls an operation with a time limit, and then the limit: `None` once that has elapsed. `tried` is 0 at first.
pub(crate) fn poll_limited<T>(
    cx: &mut Context<'_>,
    sleep: &mut Sleep,
    tried: &mut u32,
    poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Poll<Option<T>> {
    // With a budget used up by others, even a ready future returns `Pending`, which must not count against it. One that
    // used the budget up itself is judged.
    if budget::is_used_up() {
        ready!(budget::poll_proceed(cx));
    }
    let before = budget::used();
    let output = ready!(note::choice(|| match poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if was_stopped_too_soon(tried, before) => {
            if !budget::surely_woken() {
                // So that it is polled again, with a new budget.
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        }
        Poll::Pending => {
            // What it waits for tells more than the limit.
            ready!(note::unnoted(|| sleep.poll_elapsed(cx)));
            simulated::begins(false);
            Poll::Ready(None)
        }
    }));
    budget::spend();
    Poll::Ready(output)
}

impl<F> fmt::Debug for Timeout<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
