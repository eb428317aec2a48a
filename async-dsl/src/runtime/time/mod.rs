//! Time, by the clock of the current scheduler.
//!
//! A task's clock is that of its scheduler: real, or virtual, which stands still until it is moved
//! ([`Scheduler::virtual_time`](crate::scheduler::Scheduler::virtual_time)). Outside any scheduler it is the real one.
//!
//! # Precision
//!
//! Nothing ends early. By the real clock, sleeps and time limits end in slots of a millisecond: at most so much late,
//! and by what the system and the other tasks take until the task runs. All that end in the same slot are woken together, which
//! costs a tenth of a timer for each. This goes for `sleep!`, `timeout!`, and each word and function with a time limit.
//! [`precise`] and [`Sleep::precise`] have a timer of their own, as exact as the system's. Clocks that stand still are exact to
//! the nanosecond, and so are blocking twins, which wait by the clock of their thread.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_io::Timer;

use crate::runtime::clock::TimerKey;
use crate::runtime::handle::Handle;
use crate::runtime::note::{self, On};
use crate::runtime::place::At;
use crate::runtime::{budget, running, simulated};
use slots::Key;

pub use std::time::Instant;

mod alarm;
mod arm;
mod slots;
mod timeout;

pub(crate) use arm::SleepArm;
pub(crate) use timeout::poll_limited;
pub use timeout::{Elapsed, Timeout, timeout};

/// Returns the time by the current scheduler's clock.
///
/// ```
/// let before = async_dsl::time::now();
/// assert!(async_dsl::time::now() >= before);
/// ```
pub fn now() -> Instant {
    running::current().clock().now()
}

/// Returns a future that is ready once `duration` has elapsed, from this call on. A sleep too long for the clock never
/// ends.
///
/// It parks until then. Dropping it loses nothing and leaves no timer behind.
///
/// ```
/// use std::time::Duration;
///
/// async_dsl::block_on(async_dsl::time::sleep(Duration::from_millis(1)));
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::new(duration, At::caller())
}

/// Returns a [`sleep`] that is as exact as the system's timers, instead of [up to a millisecond late](self#precision).
///
/// Each has a timer of its own in the reactor, and wakes it: several times as much work for the processor as a plain sleep.
/// It is worth that where a fraction of a millisecond counts, as in pacing packets. On a clock that stands still it is
/// the same as `sleep`.
///
/// It parks until then. Dropping it loses nothing and leaves no timer behind.
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::time::precise;
///
/// async_dsl::block_on(async_block!({
///     let before = async_dsl::time::now();
///     precise(200us).await;
///     assert!(before.elapsed() >= 200us);
///
///     let news = chan::<()>();
///     alt! {
///         _ = take!(news) => unreachable!(),
///         _ = await!(cancel_safe(precise(200us))) => {}
///     }
/// }));
/// ```
#[track_caller]
pub fn precise(duration: Duration) -> Sleep {
    sleep(duration).precise()
}

/// Returns a future that is ready once the current scheduler's clock has reached `deadline`.
///
/// It parks until then. Dropping it loses nothing and leaves no timer behind.
///
/// ```
/// use async_dsl::time;
/// use std::time::Duration;
///
/// async_dsl::block_on(time::sleep_until(time::now() + Duration::from_millis(1)));
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::until(running::current(), Some(deadline), At::caller())
}

/// The future of [`sleep`], [`sleep_until`] and [`precise`]. Its clock is that of the scheduler it was made on.
#[must_use = "a sleep does nothing unless it is awaited"]
pub struct Sleep {
    /// The scheduler whose clock it is.
    scheduler: Handle,
    deadline: Option<Instant>,
    timer: State,
    at: At,
    /// A poll has asked the budget for a unit.
    asked: bool,
    /// By the real clock, it has a timer of its own.
    precise: bool,
}

enum State {
    New,
    Standing(TimerKey),
    InSlot(Key),
    Precise(Box<Timer>),
    Over,
}

impl Sleep {
    pub(crate) fn new(duration: Duration, at: At) -> Self {
        let scheduler = running::current();
        let deadline = scheduler.clock().now().checked_add(duration);
        Self::until(scheduler, deadline, at)
    }

    pub(crate) fn until(scheduler: Handle, deadline: Option<Instant>, at: At) -> Self {
        Self {
            scheduler,
            deadline,
            timer: State::New,
            at,
            asked: false,
            // Time does not pass where this is checked.
            precise: cfg!(any(async_dsl_loom, async_dsl_shuttle)),
        }
    }

    /// Returns when the sleep ends; `None` if never.
    ///
    /// ```
    /// use async_dsl::time;
    /// use std::time::Duration;
    ///
    /// let noon = time::now() + Duration::from_secs(60);
    /// assert_eq!(time::sleep_until(noon).deadline(), Some(noon));
    /// assert_eq!(time::sleep(Duration::MAX).deadline(), None);
    /// ```
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Returns the same sleep with a timer of its own: see [`precise`].
    ///
    /// ```
    /// use async_dsl::time;
    /// use std::time::Duration;
    ///
    /// let end = time::now() + Duration::from_micros(300);
    /// async_dsl::block_on(time::sleep_until(end).precise());
    /// assert!(time::now() >= end);
    /// ```
    pub fn precise(mut self) -> Self {
        if matches!(self.timer, State::InSlot(_)) {
            self.stop();
            self.timer = State::New;
        }
        self.precise = true;
        self
    }

    /// Polls without asking for a unit of the budget.
    pub(crate) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.poll_clock(cx);
        if polled.is_pending() {
            note::note(self.at, On::Timer);
        }
        polled
    }

    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        let clock = self.scheduler.clock();
        if clock.is_standing() {
            let mut key = match self.timer {
                State::Over => return Poll::Ready(()),
                State::Standing(key) => Some(key),
                _ => None,
            };
            let reached = clock.poll_reached(deadline, &mut key, cx.waker());
            self.timer = key.map_or(State::Over, State::Standing);
            return if reached {
                Poll::Ready(())
            } else {
                Poll::Pending
            };
        }
        let over = match &mut self.timer {
            State::New => return self.begin(deadline, cx),
            State::InSlot(key) => clock.now() >= deadline || alarm::poll_over(key, cx.waker()),
            State::Precise(timer) => Pin::new(timer).poll(cx).is_ready(),
            State::Standing(_) | State::Over => true,
        };
        if !over {
            return Poll::Pending;
        }
        self.stop();
        Poll::Ready(())
    }

    /// The first poll, by the real clock.
    fn begin(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let clock = self.scheduler.clock();
        self.timer = State::Over;
        if clock.now() >= deadline {
            return Poll::Ready(());
        }
        let timer = if self.precise {
            let mut timer = Timer::at(deadline);
            if Pin::new(&mut timer).poll(cx).is_ready() {
                return Poll::Ready(());
            }
            State::Precise(Box::new(timer))
        } else {
            let Some(key) = alarm::register(deadline, cx.waker()) else {
                return Poll::Ready(());
            };
            State::InSlot(key)
        };
        clock.count(true);
        self.timer = timer;
        Poll::Pending
    }

    /// Removes the timer from the clock.
    fn stop(&mut self) {
        let clock = self.scheduler.clock();
        match std::mem::replace(&mut self.timer, State::Over) {
            State::Standing(key) => clock.unregister(key),
            State::InSlot(key) => {
                clock.count(false);
                alarm::cancel(&key);
            }
            State::Precise(timer) => {
                clock.count(false);
                drop(timer);
            }
            State::New | State::Over => {}
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let asked = std::mem::replace(&mut this.asked, true);
        // Once refused, it checks the clock all the same: a future polled beside it may use up every budget before it.
        if budget::poll_proceed_at(cx, || this.at).is_pending() && !asked {
            return Poll::Pending;
        }
        let polled = this.poll_elapsed(cx);
        if simulated::is_asked(polled.is_ready()) {
            return Poll::Pending; // it is ready the next time too
        }
        polled
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
