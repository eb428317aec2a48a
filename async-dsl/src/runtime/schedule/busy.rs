//! When a virtual clock must move although a task is ready.
//!
//! It moves when everything is parked. A task that never parks, say in a loop over a closed channel, would stop it for
//! ever, and with it the time limit around that loop. So if very many operations are done while the clock stands still,
//! they take time after all: then the next timer fires.

/// The number of operations that take no time, in turns that ended although their task could have gone on.
const MOST: u64 = 1 << 17;

/// Once the clock had to move, it has to move again after this many operations, until everything is parked.
const AGAIN: u64 = MOST / 64;

/// Returns whether the clock must move. `done` is the number of operations since everything was parked.
pub(crate) fn must_move(done: &mut u64) -> bool {
    let must = *done >= MOST;
    if must {
        *done -= AGAIN;
    }
    must
}
