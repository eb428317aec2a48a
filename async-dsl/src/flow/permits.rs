//! Permits: at most so many at a time.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::chan::{self, Chan, Source, Take};
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::listing::{Listing, Show, Table};
use crate::runtime::place::{At, Line};
use crate::runtime::row::Row;

/// Returns `count` permits: a semaphore. tokio's `Semaphore`; in Go and core.async a buffered channel of tokens.
///
/// [`take!`](crate::take!) takes one and parks until there is one, first come, first served; it is an arm of
/// [`alt!`](crate::alt!) too, and `take!(permits, time, default)` has a limit. A [`Permit`] that is dropped comes back, also by
/// a panic or a cancellation of the task that holds it. With a count of 0 nobody ever gets one.
///
/// A dump has a row of the permits, made at the caller's line: how many are free, how many are taken, and how many wait for one.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let permits = flow::permits(2);
///     let tasks: Vec<_> = (0..10)
///         .map(|n| go!(|permits| {
///             let _permit = take!(permits);
///             sleep!(1ms); // at most two are here at a time
///             n
///         }))
///         .collect();
///     let done: Vec<i32> = join!(each tasks);
///     assert_eq!(done.len(), 10);
///     assert_eq!(permits.available(), 2);
/// }));
/// ```
#[must_use]
#[track_caller]
pub fn permits(count: usize) -> Permits {
    let (units, at) = (chan::units(count), Location::caller());
    let shown = Arc::new(Shown { units, count, at });
    let home = Home {
        _listing: PERMITS.list(Arc::downgrade(&shown)),
        shown,
    };
    Permits {
        home: Arc::new(home),
    }
}

static PERMITS: Table = Table::new("permits", &["free", "taken", "parked"]).plural("permits");

/// Where the permits are that nobody has, and their listing: a dump may hold what is shown for a moment longer.
struct Home {
    shown: Arc<Shown>,
    _listing: Listing,
}

impl Home {
    fn units(&self) -> &Chan<()> {
        &self.shown.units
    }
}

struct Shown {
    /// One unit for each permit that is there.
    units: Chan<()>,
    count: usize,
    at: Line,
}

impl Show for Shown {
    fn show(&self) -> Option<Row> {
        let (free, is_closed) = (self.units.len(), self.units.is_closed());
        let row = Row::new()
            .made_at(At::line(self.at))
            .stands_for(self.units.number());
        let row = if is_closed {
            row.cell("closed").cell("").status("closed")
        } else {
            let taken = self.count.saturating_sub(free);
            row.cell(free)
                .cell(taken)
                .status(format_args!("{free} of {} free", self.count))
        };
        Some(row.cell(self.units.waiting().takers))
    }
}

/// A number of permits, made by [`permits`]. Clones are handles to the same ones.
#[derive(Clone)]
pub struct Permits {
    home: Arc<Home>,
}

impl Permits {
    /// Sets the name, which [`inspect`](crate::inspect) shows. It replaces an earlier one.
    ///
    /// ```
    /// let permits = async_dsl::flow::permits(2).named("connections");
    /// let snapshot = async_dsl::inspect::snapshot();
    /// assert!(snapshot.channels.iter().any(|c| c.name.as_deref() == Some("connections")));
    /// # drop(permits);
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        drop(self.home.units().clone().named(name));
        self
    }

    /// Takes a permit, as `take!(permits)` does. Returns `None` once the permits are [closed](Self::close).
    ///
    /// Parks until one is there, first come, first served. Dropping the future loses nothing: a permit that was handed to
    /// it goes to the next in line, or back.
    ///
    /// ```
    /// let permits = async_dsl::flow::permits(1);
    /// let permit = async_dsl::block_on(permits.take());
    /// assert!(permit.is_some());
    /// ```
    #[track_caller]
    pub fn take(&self) -> TakePermit<'_> {
        self.take_operation(At::caller())
    }

    /// Takes a permit, if one is there. It never parks, and never goes before those who wait.
    ///
    /// ```
    /// let permits = async_dsl::flow::permits(1);
    /// let permit = permits.try_take();
    /// assert!(permit.is_some() && permits.try_take().is_none());
    /// drop(permit);
    /// assert!(permits.try_take().is_some());
    /// ```
    #[must_use = "dropping a permit gives it back"]
    #[track_caller]
    pub fn try_take(&self) -> Option<Permit> {
        self.home.units().try_take().ok().map(|()| self.permit())
    }

    /// Returns how many permits are there now.
    ///
    /// ```
    /// let permits = async_dsl::flow::permits(3);
    /// let permit = permits.try_take();
    /// assert_eq!(permits.available(), 2);
    /// # drop(permit);
    /// ```
    #[must_use]
    pub fn available(&self) -> usize {
        self.home.units().len()
    }

    /// Closes the permits: who waits for one, or comes later, gets `None`. Those that are held stay valid.
    ///
    /// ```
    /// let permits = async_dsl::flow::permits(1);
    /// permits.close();
    /// assert!(async_dsl::block_on(permits.take()).is_none());
    /// ```
    pub fn close(&self) {
        self.home.units().close();
        while self.home.units().try_take().is_ok() {}
    }

    fn permit(&self) -> Permit {
        Permit {
            home: Arc::clone(&self.home),
        }
    }
}

impl fmt::Debug for Permits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permits")
            .field("available", &self.available())
            .finish_non_exhaustive()
    }
}

impl Source for Permits {
    type Item = Permit;
    type Take<'a> = TakePermit<'a>;

    fn take_operation(&self, at: At) -> TakePermit<'_> {
        TakePermit {
            unit: self.home.units().take_operation(at),
            permits: self,
        }
    }
}

/// One of the [`permits`]. Dropping it gives it to the next in line, or back.
///
/// ```
/// let permits = async_dsl::flow::permits(1);
/// let permit = permits.try_take();
/// assert_eq!(permits.available(), 0);
/// drop(permit);
/// assert_eq!(permits.available(), 1);
/// ```
#[must_use = "dropping a permit gives it back"]
pub struct Permit {
    home: Arc<Home>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        // It fails only once the permits are closed.
        let _ = self.home.units().try_put(());
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`Permits::take`] and of `take!(permits)`. Dropping it loses nothing.
    #[must_use = "a take does nothing unless it is awaited"]
    pub struct TakePermit<'a> {
        #[pin]
        unit: Take<'a, ()>,
        permits: &'a Permits,
    }
}

impl Future for TakePermit<'_> {
    type Output = Option<Permit>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Permit>> {
        let this = self.project();
        let unit = this.unit.poll(cx);
        unit.map(|unit| unit.map(|()| this.permits.permit()))
    }
}

impl Operation for TakePermit<'_> {
    type Output = Option<Permit>;

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Option<Permit>> {
        let this = self.project();
        let unit = this.unit.attempt(attempt);
        unit.map(|unit| unit.map(|()| this.permits.permit()))
    }

    fn attempt_unpinned(&mut self) -> Option<Attempted<Option<Permit>>> {
        let unit = self.unit.attempt_unpinned()?;
        Some(unit.map(|unit| unit.map(|()| self.permits.permit())))
    }

    fn collect(self: Pin<&mut Self>) -> Poll<Option<Permit>> {
        let this = self.project();
        let unit = this.unit.collect();
        unit.map(|unit| unit.map(|()| this.permits.permit()))
    }

    fn withdraw(self: Pin<&mut Self>) {
        self.project().unit.withdraw();
    }

    fn end(self: Pin<&mut Self>) -> Poll<Option<Permit>> {
        let this = self.project();
        let unit = this.unit.end();
        unit.map(|unit| unit.map(|()| this.permits.permit()))
    }

    fn may_be_ready(&self) -> bool {
        self.unit.may_be_ready()
    }

    fn at(&self) -> At {
        self.unit.at()
    }
}

impl fmt::Debug for TakePermit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakePermit")
            .field("at", &self.unit.at())
            .finish_non_exhaustive()
    }
}
