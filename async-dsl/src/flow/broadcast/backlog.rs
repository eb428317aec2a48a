//! The latest values of a broadcast, and how far each subscriber has come.

use std::collections::VecDeque;
use std::sync::Arc;

use slab::Slab;

/// Values are numbered in the order they were put. A subscriber has taken, or missed, all that come before its number. Since it
/// takes them in order, those who have still to take a value have to take all that came after it: what nobody has to take is at
/// the front, and is removed at once.
#[derive(Debug)]
pub(super) struct Backlog<T> {
    values: VecDeque<Entry<T>>,
    /// The number of the first in `values`.
    first: u64,
    size: usize,
    subscribers: Slab<Reader>,
    discarded: u64,
}

/// How far a subscriber has come.
#[derive(Debug)]
struct Reader {
    /// The number of the value that it takes next.
    next: u64,
    /// Of how many values it was told that it missed them.
    missed: u64,
}

#[derive(Debug)]
struct Entry<T> {
    value: Arc<T>,
    /// How many have still to take it.
    due: usize,
    /// Whether anybody has taken it.
    is_taken: bool,
}

/// What a subscriber finds.
pub(super) enum Found<T> {
    Value(Arc<T>),
    /// So many were discarded before it took them.
    Missed(u64),
    Nothing,
}

fn index(distance: u64) -> usize {
    usize::try_from(distance).expect("no more values than fit the memory")
}

impl<T> Backlog<T> {
    pub(super) const fn new(size: usize) -> Self {
        Self {
            values: VecDeque::new(),
            first: 0,
            size,
            subscribers: Slab::new(),
            discarded: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    pub(super) const fn discarded(&self) -> u64 {
        self.discarded
    }

    /// The number of the value that is put next.
    fn next(&self) -> u64 {
        self.first + self.values.len() as u64
    }

    /// Adds a value. Returns what was discarded for it, to be dropped once the lock is released.
    pub(super) fn put(&mut self, value: Arc<T>) -> Option<Arc<T>> {
        let due = self.subscribers.len();
        if due == 0 {
            self.first += 1;
            self.discarded += 1;
            return Some(value);
        }
        let oldest = if self.values.len() < self.size {
            None
        } else {
            self.first += 1;
            self.discarded += 1;
            self.values.pop_front()
        };
        self.values.push_back(Entry {
            value,
            due,
            is_taken: false,
        });
        oldest.map(|oldest| oldest.value)
    }

    pub(super) fn join(&mut self) -> usize {
        let next = self.next();
        self.subscribers.insert(Reader { next, missed: 0 })
    }

    /// Returns how many values a subscriber has still to take, and how many it has missed.
    pub(super) fn seen(&self, subscriber: usize) -> Option<(u64, u64)> {
        let reader = self.subscribers.get(subscriber)?;
        let missed = self.first.saturating_sub(reader.next);
        let next = reader.next.max(self.first);
        Some((self.next() - next, reader.missed + missed))
    }

    pub(super) fn take(&mut self, subscriber: usize) -> Found<T> {
        let reader = &mut self.subscribers[subscriber];
        if reader.next < self.first {
            let missed = self.first - reader.next;
            reader.missed += missed;
            reader.next = self.first;
            return Found::Missed(missed);
        }
        let at = index(reader.next - self.first);
        let Some(entry) = self.values.get_mut(at) else {
            return Found::Nothing;
        };
        reader.next += 1;
        entry.due -= 1;
        entry.is_taken = true;
        if entry.due > 0 {
            return Found::Value(Arc::clone(&entry.value));
        }
        // The last one gets the value itself.
        self.first += 1;
        let first = self.values.pop_front();
        first.map_or(Found::Nothing, |first| Found::Value(first.value))
    }

    /// Removes a subscriber. Returns what nobody has to take any more, to be dropped once the lock is released.
    pub(super) fn leave(&mut self, subscriber: usize) -> Vec<Arc<T>> {
        let next = self.subscribers.remove(subscriber).next;
        let from = index(next.saturating_sub(self.first));
        for entry in self.values.iter_mut().skip(from) {
            entry.due -= 1;
        }
        let mut left = Vec::new();
        while self.values.front().is_some_and(|entry| entry.due == 0) {
            self.first += 1;
            let first = self.values.pop_front();
            left.extend(first.map(|first| {
                self.discarded += u64::from(!first.is_taken);
                first.value
            }));
        }
        left
    }
}
