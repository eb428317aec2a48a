//! What a broadcast and its subscribers share.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use super::backlog::{Backlog, Found};
use crate::chan::{Inspected, Kind, Seen, Stats, channel_dropped, channel_number};
use crate::flow::waiters::{self, Waiters, Watched};
use crate::runtime::listing::{Listing, Show, Table};
use crate::runtime::place::{At, Line};
use crate::runtime::registry::Registered;
use crate::runtime::row::Row;
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::users::Users;
use crate::runtime::wake::wake_all;

pub(super) struct Shared<T> {
    pub(super) state: Mutex<State<T>>,
    pub(super) made_at: Line,
    pub(super) registered: Registered,
}

pub(super) struct State<T> {
    /// Its values are cloned and dropped under no lock.
    pub(super) backlog: Backlog<T>,
    pub(super) putters: usize,
    pub(super) is_closed: bool,
    pub(super) stats: Stats,
    pub(super) waiters: Waiters,
    pub(super) users: Users,
}

impl<T> Watched for State<T> {
    fn waiters(&mut self) -> &mut Waiters {
        &mut self.waiters
    }
}

pub(super) type Taken<T> = Option<Result<T, Lagged>>;

impl<T> State<T> {
    pub(super) fn take(&mut self, subscriber: usize) -> Poll<Taken<Arc<T>>> {
        match self.backlog.take(subscriber) {
            Found::Value(value) => {
                self.stats.takes += 1;
                self.users.took(self.stats.takes);
                Poll::Ready(Some(Ok(value)))
            }
            Found::Missed(values) => Poll::Ready(Some(Err(Lagged(values)))),
            Found::Nothing if self.is_closed => Poll::Ready(None),
            Found::Nothing => Poll::Pending,
        }
    }
}

impl<T> Shared<T> {
    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.is_closed = true;
        let wakers = state.waiters.wake();
        drop(state);
        wake_all(wakers);
    }
}

impl<T: Clone> Shared<T> {
    pub(super) fn poll(
        &self,
        subscriber: usize,
        key: &mut Option<usize>,
        at: At,
        cx: &Context<'_>,
    ) -> Poll<Taken<T>> {
        let found = ready!(waiters::poll(&self.state, key, at, cx, |state| {
            state.take(subscriber)
        }));
        Poll::Ready(found.map(|taken| taken.map(Arc::unwrap_or_clone)))
    }
}

impl<T: Send + Sync> Inspected for Shared<T> {
    fn look(&self) -> Option<Seen> {
        let state = lock(&self.state);
        Some(Seen {
            kind: Kind::Broadcast,
            len: state.backlog.len(),
            capacity: Some(state.backlog.size()),
            closed: state.is_closed,
            stats: Stats {
                discarded: state.backlog.discarded(),
                ..state.stats
            },
            longest_wait: 0,
            users: state.users.seen(),
            takers: state.waiters.seen(),
            putters: Vec::new(),
        })
    }

    fn made_at(&self) -> Line {
        self.made_at
    }

    fn handles(&self) -> (usize, usize) {
        let state = lock(&self.state);
        (state.putters, state.backlog.subscribers())
    }
}

static SUBSCRIBERS: Table = Table::new("subscriber", &["to take", "lost"]);

/// What a dump shows of a subscriber.
pub(super) struct Seat<T> {
    shared: Arc<Shared<T>>,
    number: usize,
    at: Line,
    _listing: Listing,
}

impl<T: Send + Sync + 'static> Seat<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, number: usize, at: Line) -> Arc<Self> {
        Arc::new_cyclic(|seat: &Weak<Self>| Self {
            shared,
            number,
            at,
            _listing: SUBSCRIBERS.list(seat.clone()),
        })
    }
}

impl<T: Send + Sync + 'static> Show for Seat<T> {
    fn show(&self) -> Option<Row> {
        let seen = lock(&self.shared.state).backlog.seen(self.number);
        let (due, missed) = seen?;
        let row = Row::new()
            .made_at(At::line(self.at))
            .takes_from(channel_number(&self.shared.registered))
            .status(format_args!("{due} to take, {missed} lost"));
        Some(row.cell(due).cell(missed))
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        channel_dropped(&mut self.registered);
    }
}

/// What a subscriber missed: so many values were discarded before it took them.
///
/// ```
/// use async_dsl::flow::Lagged;
///
/// assert_eq!(Lagged(3).to_string(), "3 values were discarded before this subscriber took them");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lagged(pub u64);

impl fmt::Display for Lagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (values, were) = match self.0 {
            1 => ("value", "was"),
            _ => ("values", "were"),
        };
        let number = self.0;
        let it = if number == 1 { "it" } else { "them" };
        write!(
            f,
            "{number} {values} {were} discarded before this subscriber took {it}"
        )
    }
}

impl Error for Lagged {}
