//! ABA: a state is what it was before, and much has happened in between.
//!
//! A pool hands out numbered buffers. The free ones form a list: an agent holds its head, and each free buffer holds
//! the number of the next one. A task that wants a buffer reads the head and the next one, and then makes the next one
//! the head, provided that the head is still the one it read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_dsl::prelude::*;

const BUFFERS: usize = 3;

/// The end of the list.
const END: usize = BUFFERS;

/// The head of the list, and how often it changed.
type Head = (usize, u32);

#[derive(Clone)]
struct Pool {
    head: Agent<Head>,
    /// The next free buffer after each one.
    next: Arc<[AtomicUsize; BUFFERS]>,
    in_use: Arc<[AtomicBool; BUFFERS]>,
    /// The buffers last asked for.
    log: Chan<usize>,
    /// Whether the number of changes is part of the comparison.
    counts: bool,
}

impl Pool {
    fn new(counts: bool) -> Self {
        Self {
            head: agent((0, 0)),
            next: Arc::new([1, 2, END].map(AtomicUsize::new)),
            in_use: Arc::default(),
            log: chan::sliding(8),
            counts,
        }
    }

    /// Makes `to` the head, if it is still `from`. Returns whether it was.
    #[linear]
    async fn replace(&self, from: Head, to: usize) -> bool {
        let counts = self.counts;
        let (resolver, replaced) = promise();
        send!(self.head, |head| {
            let same = if counts {
                head == from
            } else {
                head.0 == from.0
            };
            resolver.deliver(same);
            if same { (to, head.1 + 1) } else { head }
        })
        .ok();
        replaced.await.unwrap_or(false)
    }

    #[linear]
    async fn get(&self) -> Option<usize> {
        loop {
            let head = self.head.get().ok()?;
            if head.0 == END {
                return None;
            }
            let next = self.next[head.0].load(Ordering::Relaxed);
            put!(self.log, head.0).ok();
            if self.replace(head, next).await {
                let taken = self.in_use[head.0].swap(true, Ordering::Relaxed);
                assert!(!taken, "buffer {} was handed out twice", head.0);
                return Some(head.0);
            }
        }
    }

    #[linear]
    async fn give_back(&self, buffer: usize) {
        self.in_use[buffer].store(false, Ordering::Relaxed);
        loop {
            let Ok(head) = self.head.get() else { return };
            self.next[buffer].store(head.0, Ordering::Relaxed);
            if self.replace(head, buffer).await {
                return;
            }
        }
    }
}

#[linear]
async fn two_users(pool: Pool) {
    let one = go!(|pool| {
        let first = pool.get().await;
        let second = pool.get().await;
        (first, second)
    });
    let other = go!(|pool| {
        let first = pool.get().await;
        let second = pool.get().await;
        if let Some(buffer) = first {
            pool.give_back(buffer).await;
        }
        second
    });
    one.await;
    other.await;
}

/// Compares the head only.
#[linear]
pub async fn wrong() {
    two_users(Pool::new(false)).await;
}

/// Compares the number of changes too.
#[linear]
pub async fn right() {
    two_users(Pool::new(true)).await;
}
