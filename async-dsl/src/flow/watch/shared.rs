//! What a putter and its watches share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use crate::chan::{Inspected, Kind, Seen, Stats, channel_dropped};
use crate::flow::waiters::{self, Waiters, Watched};
use crate::runtime::noted::{Noted, lock};
use crate::runtime::place::{At, Line};
use crate::runtime::registry::Registered;
use crate::runtime::users::Users;

pub(super) struct Shared<T> {
    pub(super) state: Noted<State<T>>,
    pub(super) made_at: Line,
    pub(super) registered: Registered,
}

pub(super) struct State<T> {
    /// Cloned and dropped under no lock.
    pub(super) value: Arc<T>,
    /// How many values were put.
    pub(super) version: u64,
    /// The latest version that anybody has seen.
    pub(super) seen: u64,
    pub(super) stats: Stats,
    pub(super) watches: usize,
    pub(super) is_closed: bool,
    pub(super) waiters: Waiters,
    pub(super) users: Users,
}

impl<T> Watched for State<T> {
    fn waiters(&mut self) -> &mut Waiters {
        &mut self.waiters
    }
}

impl<T> State<T> {
    /// Returns the value, if it is new to a handle that has seen so much; `None` if there will be none.
    pub(super) fn take(&mut self, seen: &AtomicU64) -> Poll<Option<Arc<T>>> {
        if seen.load(Ordering::Relaxed) < self.version {
            self.stats.takes += 1;
            self.users.took(self.stats.takes);
            return Poll::Ready(Some(self.see(seen)));
        }
        if self.is_closed {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }

    pub(super) fn see(&mut self, seen: &AtomicU64) -> Arc<T> {
        // Under the lock: the order of those who store does not matter to anybody else.
        seen.store(self.version, Ordering::Relaxed);
        self.seen = self.version;
        Arc::clone(&self.value)
    }
}

impl<T: Clone> Shared<T> {
    pub(super) fn poll(
        &self,
        seen: &AtomicU64,
        key: &mut Option<usize>,
        at: At,
        cx: &Context<'_>,
    ) -> Poll<Option<T>> {
        let found = ready!(waiters::poll(&self.state, key, at, cx, |state| state.take(seen)));
        Poll::Ready(found.map(Arc::unwrap_or_clone))
    }
}

impl<T: Send + Sync> Inspected for Shared<T> {
    fn look(&self) -> Option<Seen> {
        let state = lock(&self.state);
        Some(Seen {
            kind: Kind::Watch,
            len: usize::from(state.seen < state.version),
            capacity: Some(1),
            closed: state.is_closed,
            stats: state.stats,
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
        (usize::from(!state.is_closed), state.watches)
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        channel_dropped(&mut self.registered);
    }
}
