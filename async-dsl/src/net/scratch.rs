//! Memory to read into before it is known how much comes.

use std::cell::Cell;

/// The most bytes that one read can ask for.
pub(super) const LARGEST: usize = 64 << 10;

thread_local! {
    /// Grows to what a read on this thread has asked for, and stays: filled with zeros once, not for each read.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Calls `read` with so many bytes, whose contents mean nothing.
pub(super) fn with<R>(len: usize, read: impl FnOnce(&mut [u8]) -> R) -> R {
    // Taken, not borrowed: a simulated socket wakes others within a read, and their wakers may read too. A thread that
    // ends, whose cell is gone, has memory for this once.
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    let len = len.min(LARGEST);
    if scratch.len() < len {
        scratch.resize(len, 0);
    }
    let result = read(&mut scratch[..len]);
    let _ = SCRATCH.try_with(|cell| cell.set(scratch));
    result
}
