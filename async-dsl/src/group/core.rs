//! Which tasks of a group run, and who waits for that: for one to end, for all to end, for room for one more.
//!
//! A task is known from the moment its start has room until it has dropped all that it held. It is then no more in the table
//! of its scheduler's tasks either, or about to leave it. Nobody's code runs under the lock: wakers are cloned, woken and
//! dropped outside of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker, ready};

use super::inspected::{self, Inspected, Kind, Seen};
use super::waiters::{Place, Waiters};
use crate::runtime::id::Name;
use crate::runtime::note::{self, On};
use crate::runtime::noted::{Noted, lock};
use crate::runtime::place::{At, Line};
use crate::runtime::registry::Registered;
use crate::runtime::task::Remote;
use crate::runtime::wake::wake_all;

/// See the [module](self).
pub(crate) struct Core {
    state: Noted<State>,
    kind: Kind,
    made_at: Line,
    number: AtomicU64,
    /// How many have ended and were not taken.
    pub(super) untaken: AtomicUsize,
    registered: Registered,
}

struct State {
    /// By the number that each was given, in the order of their starts.
    running: BTreeMap<u64, Member>,
    started: u64,
    stage: Stage,
    limit: Option<usize>,
    starters: Waiters<()>,
    takers: Waiters<()>,
    /// For all tasks with numbers up to this one to end.
    waits: Waiters<u64>,
}

#[derive(PartialEq, Eq)]
enum Stage {
    Open,
    /// Whatever is started is cancelled.
    Closed,
    /// Nothing can be started.
    Over,
}

enum Member {
    /// Its start has room, and it is not started yet.
    Starting {
        is_cancelled: bool,
    },
    Running(Remote),
}

impl State {
    fn free(&self) -> usize {
        self.limit
            .map_or(usize::MAX, |limit| limit.saturating_sub(self.running.len()))
    }

    /// Whether none of the tasks with numbers up to this one runs.
    fn is_over(&self, number: u64) -> bool {
        self.running
            .keys()
            .next()
            .is_none_or(|first| *first > number)
    }
}

impl Core {
    pub(super) fn new(kind: Kind, made_at: Line) -> Arc<Self> {
        let core = Arc::new(Self {
            state: Noted::new(State {
                running: BTreeMap::new(),
                started: 0,
                stage: Stage::Open,
                limit: None,
                starters: Waiters::new(),
                takers: Waiters::new(),
                waits: Waiters::new(),
            }),
            kind,
            made_at,
            number: AtomicU64::new(0),
            untaken: AtomicUsize::new(0),
            registered: Registered::new(),
        });
        let number = inspected::made(&core, &core.registered);
        core.number.store(number, Ordering::Relaxed);
        core
    }

    pub(super) fn name(&self, name: Name) {
        inspected::name(&self.registered, name);
    }

    pub(super) fn made_at(&self) -> Line {
        self.made_at
    }

    /// What is polled waits for the group's tasks.
    pub(super) fn note(&self, at: At) {
        note::note(at, On::Group(self.number.load(Ordering::Relaxed)));
    }

    pub(super) fn set_limit(&self, limit: usize) {
        let mut wakers = Vec::new();
        let mut state = lock(&self.state);
        state.limit = Some(limit);
        let free = state.free();
        state.starters.wake_first(free, &mut wakers);
        drop(state);
        wake_all(wakers);
    }

    /// The number of tasks that run.
    pub(super) fn running(&self) -> usize {
        lock(&self.state).running.len()
    }

    /// The number of tasks that run, and of those that have ended and were not taken.
    pub(super) fn len(&self) -> usize {
        self.running() + self.untaken.load(Ordering::Relaxed)
    }

    /// Parks until there is room for one more task, first come, first served. Returns the task's number. Panics if the group
    /// is over.
    pub(super) fn poll_enter(&self, place: &mut Place, at: At, cx: &mut Context<'_>) -> Poll<u64> {
        let mut fresh: Option<Waker> = None;
        loop {
            let mut state = lock(&self.state);
            if state.starters.is_among(place, state.free()) {
                let old = state.starters.leave(place);
                if state.stage == Stage::Over {
                    drop(state);
                    drop((old, fresh));
                    panic!(
                        "the `scope!` at {} has ended: no more tasks can be started in it",
                        self.made_at
                    );
                }
                state.started += 1;
                let number = state.started;
                let member = Member::Starting {
                    is_cancelled: state.stage == Stage::Closed,
                };
                state.running.insert(number, member);
                drop(state);
                drop((old, fresh));
                return Poll::Ready(number);
            }
            if let Some(waker) = fresh.take() {
                let old = state.starters.join(place, (), waker);
                drop(state);
                drop(old);
                self.note(at);
                return Poll::Pending;
            }
            drop(state);
            fresh = Some(cx.waker().clone());
        }
    }

    /// A start that waited goes away. If it was its turn, it is that of the next.
    pub(super) fn leave_starters(&self, place: &mut Place) {
        if !place.is_taken() {
            return;
        }
        let mut wakers = Vec::new();
        let mut state = lock(&self.state);
        let own = state.starters.leave(place);
        let free = state.free();
        state.starters.wake_first(free, &mut wakers);
        drop(state);
        drop(own);
        wake_all(wakers);
    }

    /// The task of this number was started, and can be cancelled from now on.
    pub(super) fn seat(&self, number: u64, remote: Option<Remote>) {
        let Some(remote) = remote else { return };
        let mut state = lock(&self.state);
        let Some(member) = state.running.get_mut(&number) else {
            return; // it has ended
        };
        let Member::Starting { is_cancelled } = *member else {
            unreachable!("a task is started once")
        };
        *member = Member::Running(remote.clone());
        drop(state);
        if is_cancelled {
            remote.cancel();
        }
    }

    /// The task of this number has dropped all that it held, and its outcome can be taken.
    pub(super) fn left(&self, number: u64) {
        let mut wakers = Vec::new();
        let mut state = lock(&self.state);
        let member = state.running.remove(&number);
        let free = state.free();
        state.starters.wake_first(free, &mut wakers);
        state.takers.wake_first(usize::MAX, &mut wakers);
        let first = state.running.keys().next().copied();
        let is_over = |up_to: &u64| first.is_none_or(|first| first > *up_to);
        state.waits.wake_if(is_over, &mut wakers);
        drop(state);
        drop(member);
        wake_all(wakers);
    }

    /// Is told of every task that ends.
    pub(super) fn join_takers(&self, place: &mut Place, waker: Waker) {
        let old = lock(&self.state).takers.join(place, (), waker);
        drop(old);
    }

    pub(super) fn leave_takers(&self, place: &mut Place) {
        if place.is_taken() {
            let own = lock(&self.state).takers.leave(place);
            drop(own);
        }
    }

    /// Cancels every task of now. Returns the number of the last.
    pub(super) fn cancel(&self) -> u64 {
        self.cancel_all(false)
    }

    /// Cancels every task, also those that are started from now on.
    pub(super) fn close(&self) {
        self.cancel_all(true);
    }

    fn cancel_all(&self, closes: bool) -> u64 {
        let mut state = lock(&self.state);
        if closes && state.stage == Stage::Open {
            state.stage = Stage::Closed;
        }
        let last = state.started;
        let mut remotes = Vec::with_capacity(state.running.len());
        for member in state.running.values_mut() {
            match member {
                Member::Starting { is_cancelled } => *is_cancelled = true,
                Member::Running(remote) => remotes.push(remote.clone()),
            }
        }
        drop(state);
        remotes.iter().for_each(Remote::cancel);
        last
    }

    /// Parks until no task runs. From then on none can be started.
    pub(super) fn poll_end(&self, place: &mut Place, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.poll_over(u64::MAX, place, cx));
            let mut state = lock(&self.state);
            if state.running.is_empty() {
                state.stage = Stage::Over;
                return Poll::Ready(());
            }
        }
    }

    /// Parks until none of the tasks with numbers up to this one runs.
    pub(super) fn poll_over(
        &self,
        up_to: u64,
        place: &mut Place,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut fresh: Option<Waker> = None;
        loop {
            let mut state = lock(&self.state);
            if state.is_over(up_to) {
                let old = state.waits.leave(place);
                drop(state);
                drop((old, fresh));
                return Poll::Ready(());
            }
            if let Some(waker) = fresh.take() {
                let old = state.waits.join(place, up_to, waker);
                drop(state);
                drop(old);
                self.note(At::UNKNOWN);
                return Poll::Pending;
            }
            drop(state);
            fresh = Some(cx.waker().clone());
        }
    }

    pub(super) fn leave_waits(&self, place: &mut Place) {
        if place.is_taken() {
            let own = lock(&self.state).waits.leave(place);
            drop(own);
        }
    }
}

impl Inspected for Core {
    fn look(&self) -> Seen {
        let state = lock(&self.state);
        let running = state.running.values();
        Seen {
            kind: self.kind,
            made_at: self.made_at,
            tasks: running
                .filter_map(|member| match member {
                    Member::Starting { .. } => None,
                    Member::Running(remote) => Some(remote.id()),
                })
                .collect(),
            running: state.running.len(),
            untaken: self.untaken.load(Ordering::Relaxed),
            limit: state.limit,
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        inspected::dropped(&mut self.registered);
    }
}
