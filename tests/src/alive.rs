//! What is held while something is alive, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One of those that are counted.
#[derive(Debug)]
pub struct Alive(Arc<AtomicUsize>);

impl Alive {
    /// One more.
    pub fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns how many there are.
pub fn alive(count: &Arc<AtomicUsize>) -> usize {
    count.load(Ordering::Relaxed)
}
