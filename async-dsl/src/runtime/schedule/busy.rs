//! When a clock that stands still must move though something is ready.
//!
//! It moves when everything is parked. What never parks, a loop over a closed channel say, would hold it for ever, and with
//! it the time limit around that loop. So operations take time after all, if very many are done while the clock stands:
//! then the next timer is over.

/// So many operations take no time, in turns after which a task could have gone on.
const MOST: u64 = 1 << 17;

/// Once the clock must move it is soon to move again, until everything is parked.
const AGAIN: u64 = MOST / 64;

/// Whether the clock must move: `done` are the operations since everything was parked.
pub(crate) fn must_move(done: &mut u64) -> bool {
    let must = *done >= MOST;
    if must {
        *done -= AGAIN;
    }
    must
}
