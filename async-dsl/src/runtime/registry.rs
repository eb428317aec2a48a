//! The channels and agents that are alive.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use slab::Slab;

use super::INSPECTS;
use super::id::Name;
use super::sync::lock_std as lock;

/// Registering takes turns through this many lists, so that two threads rarely meet.
const SHARDS: usize = 8;

/// The living of one kind.
pub(crate) struct Registry<L: ?Sized> {
    shards: [Mutex<Slab<Entry<L>>>; SHARDS],
    /// How many were registered so far.
    made: AtomicU64,
}

struct Entry<L: ?Sized> {
    number: u64,
    /// The number of the scheduler of the thread that made it.
    made_on: u16,
    /// In a box, because few have one.
    name: Option<Box<Name>>,
    living: Weak<L>,
}

/// Something that lives, at least until this is dropped.
pub(crate) struct Living<L: ?Sized> {
    pub(crate) number: u64,
    pub(crate) made_on: u16,
    pub(crate) name: Option<Name>,
    pub(crate) it: Arc<L>,
}

/// Where something is in its registry.
#[derive(Debug)]
pub(crate) struct Registered(AtomicUsize);

/// Not (yet) in it.
const NOWHERE: usize = usize::MAX;

impl Registered {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(NOWHERE))
    }
}

impl<L: ?Sized> Registry<L> {
    pub(crate) const fn new() -> Self {
        Self {
            shards: [const { Mutex::new(Slab::new()) }; SHARDS],
            made: AtomicU64::new(0),
        }
    }

    /// Adds something that was just made.
    pub(crate) fn add(&self, place: &Registered, made_on: u16, living: impl FnOnce() -> Weak<L>) {
        if !INSPECTS {
            return;
        }
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let shard = usize::try_from(number).unwrap_or_default() % SHARDS;
        let living = living();
        let index = lock(&self.shards[shard]).insert(Entry {
            number,
            made_on,
            name: None,
            living,
        });
        place.0.store(index * SHARDS + shard, Ordering::Relaxed);
    }

    /// What it is known by from now on.
    pub(crate) fn name(&self, place: &Registered, name: Name) {
        let at = place.0.load(Ordering::Relaxed);
        if at != NOWHERE {
            let mut shard = lock(&self.shards[at % SHARDS]);
            let old = shard
                .get_mut(at / SHARDS)
                .and_then(|entry| entry.name.replace(Box::new(name)));
            drop(shard);
            drop(old);
        }
    }

    /// Takes out what is being dropped.
    pub(crate) fn remove(&self, place: &mut Registered) {
        let at = std::mem::replace(place.0.get_mut(), NOWHERE);
        if at != NOWHERE {
            let entry = lock(&self.shards[at % SHARDS]).try_remove(at / SHARDS);
            drop(entry);
        }
    }

    /// All that live, in the order they were made. Nothing of theirs is looked at under a lock.
    pub(crate) fn living(&self) -> Vec<Living<L>> {
        let mut living = Vec::new();
        for shard in &self.shards {
            let shard = lock(shard);
            living.extend(shard.iter().filter_map(|(_, entry)| {
                Some(Living {
                    number: entry.number,
                    made_on: entry.made_on,
                    name: entry.name.as_deref().cloned(),
                    it: entry.living.upgrade()?,
                })
            }));
        }
        living.sort_unstable_by_key(|living| living.number);
        living
    }
}
