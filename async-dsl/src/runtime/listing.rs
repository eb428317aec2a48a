//! Tables of a dump that any crate can have: things of one kind, one a row, read when a dump is made. Users see it in
//! [`inspect`](crate::inspect), which has the documentation.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Weak};

use super::left::On;
use super::note;
use super::place::At;
use super::registry::{Living, Registered, Registry};
use super::row::{Kind, Row, RowId};
use super::running;
use super::sync::lock_std as lock;

/// The tables that have had a row, in the order of their first.
static TABLES: Mutex<Vec<&'static Table>> = Mutex::new(Vec::new());

/// A table of [dumps](crate::dump): the things of one kind, one a row. A `static` of the crate that has such things.
///
/// The module's documentation has [an example](crate::inspect#tables-of-your-own).
///
/// ```
/// use async_dsl::inspect::Table;
///
/// static REMOTE: Table = Table::new("remote channel", &["kind", "put", "in flight"])
///     .headed("channel")
///     .short("remote");
/// # drop(format!("{REMOTE:?}"));
/// ```
pub struct Table {
    pub(crate) kind: Kind,
    rows: Registry<dyn Show>,
    /// It is in [`TABLES`].
    is_known: AtomicBool,
}

impl Table {
    /// Returns a table of things of this kind, named in the singular (`"remote channel"`), with these columns after the one
    /// for the number and the name. No other table of the program should have that name.
    #[must_use]
    pub const fn new(kind: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            kind: Kind {
                name: kind,
                plural: None,
                head: kind,
                short: kind,
                columns,
            },
            rows: Registry::new(),
            is_known: AtomicBool::new(false),
        }
    }

    /// Sets what several of them are called, if it is not the name and an `s`.
    #[must_use]
    pub const fn plural(mut self, plural: &'static str) -> Self {
        self.kind.plural = Some(plural);
        self
    }

    /// Sets the head of the first column, if it is not the name.
    #[must_use]
    pub const fn headed(mut self, head: &'static str) -> Self {
        self.kind.head = head;
        self
    }

    /// Sets what a thing is called beside its own name, if it is not the name of the kind: `"remote"` for `jobs (remote)`.
    #[must_use]
    pub const fn short(mut self, short: &'static str) -> Self {
        self.kind.short = short;
        self
    }

    /// Lists a thing: it has a row until the [`Listing`] is dropped, or the thing is. Keep the listing with the handle whose drop
    /// ends the thing. One that is in the thing itself leaves the table with it, which may be a moment later: a dump holds the
    /// things that it reads.
    ///
    /// It belongs to the scheduler of this thread, as a channel that is made here does. This is the whole cost: a lock, and
    /// some forty bytes. [`Show::show`] is called when a dump is made, and only then.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::inspect::{Listing, Row, Show, Table};
    /// use std::sync::Arc;
    ///
    /// static POOLS: Table = Table::new("pool", &["idle"]);
    ///
    /// struct Shared {
    ///     idle: usize,
    /// }
    ///
    /// impl Show for Shared {
    ///     fn show(&self) -> Option<Row> {
    ///         Some(Row::new().named("connections").cell(self.idle))
    ///     }
    /// }
    ///
    /// struct Pool {
    ///     shared: Arc<Shared>,
    ///     listing: Listing,
    /// }
    ///
    /// let shared = Arc::new(Shared { idle: 3 });
    /// let listing = POOLS.list(Arc::downgrade(&shared));
    /// let pool = Pool { shared, listing };
    /// assert!(async_dsl::inspect::snapshot().to_string().contains("1 connections  3"));
    /// drop(pool);
    /// assert!(!async_dsl::inspect::snapshot().to_string().contains("connections"));
    /// ```
    pub fn list<S: Show>(&'static self, thing: Weak<S>) -> Listing {
        let place = Registered::new();
        let number = self.rows.add(&place, running::current_number(), || {
            let thing: Weak<dyn Show> = thing;
            thing
        });
        if number > 0 && !self.is_known.swap(true, Ordering::Relaxed) {
            lock(&TABLES).push(self);
        }
        Listing {
            table: self,
            number,
            place,
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("kind", &self.kind.name)
            .field("columns", &self.kind.columns)
            .finish_non_exhaustive()
    }
}

/// Something that has a row in a [`Table`].
pub trait Show: Send + Sync + 'static {
    /// Returns the row, with the counters of this moment, or `None` if they cannot be read now: the row then says that the thing is
    /// busy.
    ///
    /// Called when a dump is made, on the thread that makes it, which may be in the middle of an operation on this thing, and
    /// may be one that judges whether there is a deadlock. So it takes no lock that is held for long, or while other code is
    /// called: `try_lock`, and `None`. A panic is survived, and shown.
    fn show(&self) -> Option<Row>;
}

/// The place of a thing in its [`Table`]. When it is dropped, the thing has left the table.
#[must_use = "a thing whose listing is dropped is not shown"]
pub struct Listing {
    table: &'static Table,
    number: u64,
    place: Registered,
}

impl Listing {
    /// Returns which row it is.
    pub const fn id(&self) -> RowId {
        RowId::new(self.table.kind.name, self.number)
    }

    /// Says that what is polled on this thread waits for this thing at this place. To be called by a future, each time that it
    /// is about to return `Poll::Pending`.
    ///
    /// A dump then shows the task as parked there, for the thing, by its name and its [status](Row::status):
    /// `put!(jobs, job)`, `jobs (remote): 256 in flight`. A future that parks on a channel needs none of this: see
    /// [`Row::stands_for`]. Of several in one poll (arms of an `alt!`) the last counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::inspect::{At, Listing};
    /// use std::future::Future;
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    ///
    /// struct Confirmed<'a, F> {
    ///     answer: F,
    ///     queue: &'a Listing,
    ///     at: At,
    /// }
    ///
    /// impl<F: Future + Unpin> Future for Confirmed<'_, F> {
    ///     type Output = F::Output;
    ///
    ///     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
    ///         let polled = Pin::new(&mut self.answer).poll(cx);
    ///         if polled.is_pending() {
    ///             self.queue.parks(self.at);
    ///         }
    ///         polled
    ///     }
    /// }
    /// ```
    pub fn parks(&self, at: At) {
        note::note(at, On::Row(&self.table.kind, self.number));
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id().fmt(f)
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.table.rows.remove(&mut self.place);
    }
}

/// Returns the tables, with the things that are listed now, each in the order they were listed.
pub(crate) fn tables() -> Vec<(&'static Table, Vec<Living<dyn Show>>)> {
    let tables = lock(&TABLES).clone();
    tables
        .into_iter()
        .map(|table| (table, table.rows.living()))
        .collect()
}

/// Returns the row, or what stands there instead.
pub(crate) fn row(thing: &dyn Show) -> Result<Row, &'static str> {
    match catch_unwind(AssertUnwindSafe(|| thing.show())) {
        Ok(Some(row)) => Ok(row),
        Ok(None) => Err("busy"),
        Err(panic) => {
            drop(catch_unwind(AssertUnwindSafe(|| drop(panic))));
            Err("panicked as it was read")
        }
    }
}
