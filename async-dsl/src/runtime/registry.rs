//! The channels, agents, groups and other things that are alive.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use slab::Slab;

use super::INSPECTS;
use super::id::Name;
use super::sync::lock_std as lock;

/// Entries are spread over this many lists, so that two threads rarely contend for a lock.
const SHARDS: usize = 8;

/// All that are alive of one kind.
pub(crate) struct Registry<L: ?Sized> {
    shards: [Mutex<Slab<Entry<L>>>; SHARDS],
    /// The number of registrations so far.
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

/// A channel or agent that is alive, at least until this is dropped.
pub(crate) struct Living<L: ?Sized> {
    pub(crate) number: u64,
    pub(crate) made_on: u16,
    pub(crate) name: Option<Name>,
    pub(crate) it: Arc<L>,
}

/// The position of a channel or agent in its registry.
#[derive(Debug)]
pub(crate) struct Registered(AtomicUsize);

/// Not in the registry, or not yet.
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

    /// Adds a new channel or agent. Returns its number; 0 in a build that does not inspect.
    pub(crate) fn add(
        &self,
        place: &Registered,
        made_on: u16,
        living: impl FnOnce() -> Weak<L>,
    ) -> u64 {
        if !INSPECTS {
            return 0;
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
        number
    }

    /// Sets the name.
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

    /// Returns the number; 0 in a build that does not inspect.
    pub(crate) fn number(&self, place: &Registered) -> u64 {
        let at = place.0.load(Ordering::Relaxed);
        if at == NOWHERE {
            return 0;
        }
        let shard = lock(&self.shards[at % SHARDS]);
        shard.get(at / SHARDS).map_or(0, |entry| entry.number)
    }

    /// Removes a channel or agent that is being dropped.
    pub(crate) fn remove(&self, place: &mut Registered) {
        let at = std::mem::replace(place.0.get_mut(), NOWHERE);
        if at != NOWHERE {
            let entry = lock(&self.shards[at % SHARDS]).try_remove(at / SHARDS);
            drop(entry);
        }
    }

    /// Returns all that are alive, in the order they were made. None of them is used under a lock.
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
