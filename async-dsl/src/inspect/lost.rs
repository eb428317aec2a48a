//! Tasks that a snapshot has not found: in no line and no queue, and on no thread.

use std::collections::{HashMap, HashSet};
use std::thread;
use std::time::{Duration, Instant};

use super::places::{InLine, active, places};
use super::view::{Parked, TaskState, WaitsFor};
use crate::chan;
use crate::runtime::handle::Handle;
use crate::runtime::tick::millis;

/// What a task was found doing.
pub(super) enum Doing {
    /// It runs, or is in a queue.
    Active(TaskState),
    Parked(Vec<Parked>),
    Ended,
}

impl Doing {
    pub(super) fn parked(places: Vec<Parked>) -> Option<Self> {
        (!places.is_empty()).then_some(Self::Parked(places))
    }
}

/// The search ends after this many rounds in a row without a find.
const LOOKS: u32 = 12;

/// How often queues and threads are searched for each search of the lines.
const GLANCES: u32 = 8;

/// The longest time for the search.
const PATIENCE: Duration = Duration::from_secs(2);

/// Searches again for tasks that were not found. A task on its way from a line to a queue, or back, is found in one of
/// them sooner or later; one that is never found is in neither, and waits for nothing known.
pub(super) fn look_again(schedulers: &[Handle], tasks: HashSet<u64>) -> HashMap<u64, Doing> {
    let mut lost = Lost {
        tasks,
        found: HashMap::new(),
    };
    let start = Instant::now();
    let mut looks = 0;
    while !lost.tasks.is_empty() && looks < LOOKS && start.elapsed() < PATIENCE {
        let before = lost.tasks.len();
        // Cheaper than the lines, and most tasks on their way arrive here soon.
        for _ in 0..GLANCES {
            for (id, state) in active(schedulers) {
                lost.seen(id, Doing::Active(state));
            }
            thread::yield_now();
        }
        if !lost.tasks.is_empty() {
            lost.look_at_lines(schedulers);
        }
        looks = if lost.tasks.len() == before {
            looks + 1
        } else {
            0
        };
    }
    lost.found
}

struct Lost {
    tasks: HashSet<u64>,
    found: HashMap<u64, Doing>,
}

impl Lost {
    fn seen(&mut self, id: u64, doing: Doing) {
        if self.tasks.remove(&id) {
            self.found.insert(id, doing);
        }
    }

    fn look_at_lines(&mut self, schedulers: &[Handle]) {
        let mut lines = lines();
        let mut ended = self.tasks.clone();
        for handle in schedulers {
            let now = millis(handle.clock().now());
            for listed in handle.tasks() {
                let id = listed.id.get();
                ended.remove(&id);
                let line = lines.remove(&listed.id.short()).unwrap_or_default();
                if let Some(doing) = Doing::parked(places(line, listed.note, now)) {
                    self.seen(id, doing);
                }
            }
        }
        for id in ended {
            self.seen(id, Doing::Ended);
        }
    }
}

/// Returns the waiters of all channels, by their short ids.
fn lines() -> HashMap<u32, Vec<InLine>> {
    let mut lines: HashMap<u32, Vec<InLine>> = HashMap::new();
    for living in chan::living() {
        let Some(seen) = living.it.look() else {
            continue;
        };
        let takers = seen.takers.iter();
        let takers = takers.map(|waiting| (waiting, WaitsFor::Take(living.number)));
        let putters = seen.putters.iter();
        let putters = putters.map(|waiting| (waiting, WaitsFor::Put(living.number)));
        for (waiting, waits_for) in takers.chain(putters) {
            let (who, since) = waiting.stamp.get();
            lines.entry(who).or_default().push(InLine {
                at: waiting.at,
                since,
                waits_for,
            });
        }
    }
    lines
}
