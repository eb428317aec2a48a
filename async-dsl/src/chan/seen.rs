//! Inspecting a channel.

use std::time::Duration;

use super::inspected::{Inspected, Seen, SeenWaiter};
use super::shared::Shared;
use super::state::State;
use crate::chan::state::Got;
use crate::runtime::place::Line;

/// The lock is never held for long. A thread that was preempted while it held it gets some ten milliseconds; after that
/// the holder must be the thread that looks.
const ATTEMPTS: u32 = 300;

impl<T: Send> Inspected for Shared<T> {
    fn look(&self) -> Option<Seen> {
        for attempt in 0..ATTEMPTS {
            if let Some(state) = self.try_lock() {
                return Some(state.seen());
            }
            if attempt < ATTEMPTS / 3 {
                std::thread::yield_now();
            } else {
                std::thread::sleep(Duration::from_micros(50));
            }
        }
        None
    }

    fn made_at(&self) -> Line {
        self.made_at()
    }

    fn handles(&self) -> (usize, usize) {
        self.handles()
    }

    fn is_split(&self) -> bool {
        self.is_split()
    }
}

impl<T> State<T> {
    fn seen(&self) -> Seen {
        let takers = self.takers.iter().filter_map(|taking| match taking.got {
            Got::Waiting(stamp) => taking.party.parked(taking.at, stamp),
            _ => None,
        });
        let putters = self.putters.iter().filter_map(|putting| {
            let stamp = putting.stage.waits()?;
            putting.party.parked(putting.at, stamp)
        });
        Seen {
            kind: self.kind(),
            len: self.len(),
            capacity: self.capacity(),
            closed: self.is_closed(),
            stats: self.stats,
            longest_wait: self.longest_wait,
            users: self.users.seen(),
            takers: takers.map(|(at, stamp)| SeenWaiter { at, stamp }).collect(),
            putters: putters
                .map(|(at, stamp)| SeenWaiter { at, stamp })
                .collect(),
        }
    }
}
