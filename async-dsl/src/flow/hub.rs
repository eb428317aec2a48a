//! The task behind a mult and behind topics: it hands each value to those who have subscribed to its key, and takes the next
//! once all of them have accepted it.

use std::collections::{BTreeSet, HashMap};
use std::future::poll_fn;
use std::hash::Hash;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use super::show::Details;
use super::stage::{Next, Stop, next};
use crate::chan::{self, Closed, Gone, Putter, Taker, TryPutError};
use crate::runtime::place::{At, Line};
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::task::join_each;
use crate::runtime::wake::wake_all;

/// For each wait, so many subscribers are looked at whether they are still there.
const LOOKS: usize = 16;

/// What the task shares with the handles.
pub(super) struct Hub<K, T> {
    fresh: Mutex<Fresh<K, T>>,
    /// The number of handles that can subscribe.
    handles: AtomicUsize,
    counts: Arc<Counts>,
}

/// What is shown of it.
#[derive(Default)]
pub(super) struct Counts {
    discarded: AtomicU64,
    /// The numbers of the subscribers' channels.
    subscribed: Mutex<BTreeSet<u64>>,
}

/// The entry of one of them, until this is dropped.
struct Subscribed {
    channel: u64,
    counts: Arc<Counts>,
}

impl Subscribed {
    fn new(channel: u64, counts: &Arc<Counts>) -> Self {
        let counts = Arc::clone(counts);
        lock(&counts.subscribed).insert(channel);
        Self { channel, counts }
    }
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        lock(&self.counts.subscribed).remove(&self.channel);
    }
}

/// A mult's, or those of topics.
pub(super) struct Shown {
    pub(super) counts: Arc<Counts>,
    pub(super) what: &'static str,
}

impl Details for Shown {
    fn text(&self) -> String {
        let count = lock(&self.counts.subscribed).len();
        let s = if count == 1 { "" } else { "s" };
        format!("{count} {}{s}", self.what)
    }

    fn lost(&self) -> Option<u64> {
        Some(self.counts.discarded.load(Ordering::Relaxed))
    }

    fn outputs(&self) -> Vec<u64> {
        lock(&self.counts.subscribed).iter().copied().collect()
    }
}

/// Those who have subscribed and are not known to the task yet.
struct Fresh<K, T> {
    taps: Vec<(K, Putter<T>, Subscribed)>,
    /// That of the task, while it waits for a value.
    waker: Option<Waker>,
    has_ended: bool,
}

/// A handle that can subscribe.
pub(super) struct Handle<K, T>(Arc<Hub<K, T>>);

impl<K, T: Send + 'static> Handle<K, T> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Hub {
            fresh: Mutex::new(Fresh {
                taps: Vec::new(),
                waker: None,
                has_ended: false,
            }),
            handles: AtomicUsize::new(1),
            counts: Arc::default(),
        }))
    }

    pub(super) fn shown(&self, what: &'static str) -> Shown {
        let counts = Arc::clone(&self.0.counts);
        Shown { counts, what }
    }

    /// Returns the task's part, made before its first turn, since it may have none.
    pub(super) fn hub(&self) -> Ends<K, T> {
        Ends(Arc::clone(&self.0))
    }

    /// Subscribes. If the input has ended, the channel is closed.
    #[track_caller]
    pub(super) fn subscribe(&self, key: K, size: usize, name: &'static str) -> Taker<T> {
        let (putter, taker) = chan::fixed(size).named(name).split();
        let subscribed = Subscribed::new(putter.number(), &self.0.counts);
        let mut fresh = lock(&self.0.fresh);
        // Dropped once the lock is released, as a user's key is.
        let (late, waker) = if fresh.has_ended {
            (Some((key, putter, subscribed)), None)
        } else {
            fresh.taps.push((key, putter, subscribed));
            (None, fresh.waker.take())
        };
        drop(fresh);
        drop(late);
        wake_all(waker);
        taker
    }
}

impl<K, T> Handle<K, T> {
    pub(super) fn discarded(&self) -> u64 {
        self.0.counts.discarded.load(Ordering::Relaxed)
    }
}

impl<K, T> Clone for Handle<K, T> {
    fn clone(&self) -> Self {
        self.0.handles.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl<K, T> Drop for Handle<K, T> {
    fn drop(&mut self) {
        if self.0.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            let waker = lock(&self.0.fresh).waker.take();
            wake_all(waker);
        }
    }
}

/// A subscriber.
struct Tap<T> {
    putter: Putter<T>,
    gone: Gone<T>,
    _subscribed: Subscribed,
}

/// What the task knows.
struct Taps<'a, K, T> {
    hub: &'a Hub<K, T>,
    by_key: HashMap<K, Vec<Tap<T>>>,
    len: usize,
    /// How many may be looked at.
    looks: usize,
}

impl<K: Eq + Hash, T> Taps<'_, K, T> {
    /// Gets to know those who have subscribed since. The task is woken when one of them is dropped: it is the only one that
    /// polls, and its waker stays the same.
    fn admit(&mut self, cx: &Context<'_>) {
        let fresh = mem::take(&mut lock(&self.hub.fresh).taps);
        for (key, putter, subscribed) in fresh {
            let mut gone = putter.gone();
            if gone.poll(cx).is_pending() {
                self.by_key.entry(key).or_default().push(Tap {
                    putter,
                    gone,
                    _subscribed: subscribed,
                });
                self.len += 1;
            }
        }
    }

    /// Forgets those who were dropped. Not each time, so that one value costs no more because there are many topics.
    fn forget(&mut self) {
        self.looks += LOOKS;
        if self.looks < self.len {
            return;
        }
        self.looks = 0;
        self.by_key.retain(|_, taps| {
            taps.retain(|tap| !tap.gone.is_gone());
            !taps.is_empty()
        });
        self.len = self.by_key.values().map(Vec::len).sum();
    }

    /// Whether nobody can subscribe any more, and all who had are gone.
    fn is_left(&self) -> bool {
        if self.hub.handles.load(Ordering::Acquire) > 0 {
            return false;
        }
        let mut taps = self.by_key.values().flatten();
        taps.all(|tap| tap.gone.is_gone()) && lock(&self.hub.fresh).taps.is_empty()
    }
}

impl<K: Eq + Hash, T> Stop for Taps<'_, K, T> {
    fn is_stopped(&self) -> bool {
        self.is_left()
    }

    fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // First, so that nobody comes or goes unseen.
        let waker = Some(cx.waker().clone());
        let old = mem::replace(&mut lock(&self.hub.fresh).waker, waker);
        drop(old);
        self.admit(cx);
        self.forget();
        if self.is_left() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl<K: Eq + Hash, T: Clone> Taps<'_, K, T> {
    /// Hands a value to all of its key, and parks until each has accepted it.
    async fn deliver(&mut self, key: K, value: T, at: Line) {
        let Some(taps) = self.by_key.get_mut(&key) else {
            self.hub.counts.discarded.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let all = taps.len();
        let mut accepted = 0;
        let mut full = Vec::new();
        let mut value = Some(value);
        for (index, tap) in taps.iter().enumerate() {
            if tap.gone.is_gone() {
                continue;
            }
            let copy = if index + 1 == all {
                value.take()
            } else {
                value.clone()
            };
            match copy.map(|copy| tap.putter.try_put(copy)) {
                Some(Ok(())) => accepted += 1,
                Some(Err(TryPutError::Full(copy))) => full.push((tap, copy)),
                Some(Err(TryPutError::Closed(_))) | None => {}
            }
        }
        if !full.is_empty() {
            let puts = full.into_iter();
            let puts = puts.map(|(tap, copy)| tap.putter.put_counted(copy, At::line(at)));
            let done: Vec<Result<(), Closed<T>>> = join_each(puts).await;
            accepted += done.iter().filter(|done| done.is_ok()).count();
        }
        if accepted == 0 {
            self.hub.counts.discarded.fetch_add(1, Ordering::Relaxed);
        }
        if accepted < all {
            taps.retain(|tap| !tap.gone.is_gone());
            self.len -= all - taps.len();
            if taps.is_empty() {
                self.by_key.remove(&key);
            }
        }
    }
}

/// The task's part of the hub. Says that the task has ended, however it does.
pub(super) struct Ends<K, T>(Arc<Hub<K, T>>);

impl<K, T> Drop for Ends<K, T> {
    fn drop(&mut self) {
        let mut fresh = lock(&self.0.fresh);
        fresh.has_ended = true;
        let late = (mem::take(&mut fresh.taps), fresh.waker.take());
        drop(fresh);
        drop(late);
    }
}

/// The task: it ends with the input, or once nobody can get a value any more.
pub(super) async fn run<K, T>(
    hub: Ends<K, T>,
    from: Taker<T>,
    key: impl Fn(&T) -> K + Send,
    at: Line,
) where
    K: Eq + Hash + Send,
    T: Clone + Send,
{
    let mut taps = Taps {
        hub: &hub.0,
        by_key: HashMap::new(),
        len: 0,
        looks: 0,
    };
    while let Next::Value(value) = next(&from, at, &mut taps).await {
        poll_fn(|cx| {
            taps.admit(cx);
            Poll::Ready(())
        })
        .await;
        let key = key(&value);
        taps.deliver(key, value, at).await;
    }
}
