//! Ticks.

use std::future::poll_fn;
use std::panic::Location;
use std::task::Poll;
use std::time::Duration;

use super::show::{Stage, span};
use crate::chan::{self, Putter, Taker, Target};
use crate::runtime::place::{At, Line};
use crate::runtime::running;
use crate::runtime::time::{self, Instant, Sleep};

/// A tick that is taken so late is one that was missed: less is what timers and schedulers take.
const LATE: Duration = Duration::from_millis(5);

/// What a ticker does when its ticks are not taken in time: tokio's `MissedTickBehavior`.
///
/// # Examples
///
/// Ticks of every 10 ms, the first of which is taken after 35 ms:
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow::{self, Missed};
/// use async_dsl::scheduler::Scheduler;
///
/// fn ticks(missed: Missed) -> Vec<u128> {
///     Scheduler::virtual_time().block_on(async_block!({
///         let start = async_dsl::time::now();
///         let ticker = flow::ticker_with(10ms, missed);
///         sleep!(35ms);
///         let mut taken = Vec::new();
///         for _ in 0..5 {
///             take!(ticker).unwrap();
///             taken.push((async_dsl::time::now() - start).as_millis());
///         }
///         taken
///     }))
/// }
///
/// assert_eq!(ticks(Missed::Skip), [35, 40, 50, 60, 70]);
/// assert_eq!(ticks(Missed::Burst), [35, 35, 35, 40, 50]);
/// assert_eq!(ticks(Missed::Delay), [35, 45, 55, 65, 75]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Missed {
    /// They are made up for as fast as they are taken.
    Burst,
    /// The next one comes a whole period after the late one: the ticks shift.
    Delay,
    /// They are left out, and counted as discarded. The next one is where it would have been.
    #[default]
    Skip,
}

/// Returns a channel of ticks: the first after one period, and then one each period. Go's `time.Ticker`, tokio's `interval`.
///
/// A tick is the [`Instant`] at which it is due, by the clock of the scheduler on which the ticker was made. Ticks do not drift:
/// each is due a whole number of periods after the call. One that is not taken waits for its taker, and those that come
/// meanwhile are left out, and [counted](Taker::discarded): [`Missed::Skip`].
///
/// The task of the ticker parks until the next tick is due, and until it is taken. It ends once the last taker is dropped.
///
/// # Panics
///
/// If the period is 0.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let ticker = flow::ticker(1ms);
///     let first = take!(ticker).unwrap();
///     let second = take!(ticker).unwrap();
///     assert!(second - first >= 1ms);
/// }));
/// ```
#[must_use = "a ticker that is dropped stops"]
#[track_caller]
pub fn ticker(period: Duration) -> Taker<Instant> {
    ticker_with(period, Missed::default())
}

/// As [`ticker`], with the answer to the question what happens to ticks that are not taken in time.
///
/// # Panics
///
/// If the period is 0.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow::{self, Missed};
///
/// async_dsl::block_on(async_block!({
///     let ticker = flow::ticker_with(1ms, Missed::Delay);
///     take!(ticker).unwrap();
/// }));
/// ```
#[must_use = "a ticker that is dropped stops"]
#[track_caller]
pub fn ticker_with(period: Duration, missed: Missed) -> Taker<Instant> {
    assert!(!period.is_zero(), "the period of a ticker is not 0");
    let (out, ticks) = chan::fixed(0).named("ticks").split();
    let at = Location::caller();
    let first = time::now().checked_add(period);
    let stage = Stage::new("ticker", at).to(&out);
    let stage = stage.details(format!("each {}", span(period)));
    stage.start(tick(out, first, (period, missed), at));
    ticks
}

async fn tick(
    out: Putter<Instant>,
    first: Option<Instant>,
    (period, missed): (Duration, Missed),
    at: Line,
) {
    let mut gone = out.gone();
    let mut next = first;
    loop {
        let mut sleep = Sleep::until(running::current(), next, At::line(at));
        let is_due = poll_fn(|cx| match gone.poll(cx) {
            Poll::Ready(()) => Poll::Ready(false),
            Poll::Pending => sleep.poll_elapsed(cx).map(|()| true),
        });
        let is_due = is_due.await;
        let Some(due) = next.filter(|_| is_due) else {
            return;
        };
        if out.put_operation(due, At::line(at)).await.is_err() {
            return;
        }
        let late = time::now().saturating_duration_since(due);
        let (periods, skipped) = after(missed, late, period);
        next = match missed {
            Missed::Delay if late > LATE => time::now().checked_add(period),
            _ => periods.and_then(|periods| due.checked_add(periods)),
        };
        if skipped > 0 {
            out.count_discarded(skipped);
        }
    }
}

/// Returns how long after a tick the next one is due, and how many are left out.
fn after(missed: Missed, late: Duration, period: Duration) -> (Option<Duration>, u64) {
    if missed != Missed::Skip || late < period {
        return (Some(period), 0);
    }
    let skipped = late.as_nanos() / period.as_nanos();
    let next = u32::try_from(skipped + 1).ok();
    let next = next.and_then(|next| period.checked_mul(next));
    // So many that they do not fit: the next is one period from now.
    let next = next.or_else(|| late.checked_add(period));
    (next, u64::try_from(skipped).unwrap_or(u64::MAX))
}
