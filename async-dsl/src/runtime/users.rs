//! Who has used a channel.

use super::INSPECTS;
use super::id::TaskId;
use super::place::Line;
use super::running;

/// Up to this many puts, and takes, each is recorded; after that one of so many.
const EXACT: u64 = 1024;
const SAMPLE: u64 = 256;

/// More users than these are not told apart.
const MOST: usize = 64;

/// A task, or a `block_on`, that has put or taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) who: TaskId,
    pub(crate) line: Line,
    /// How many of the recorded operations were its own.
    pub(crate) puts: u64,
    pub(crate) takes: u64,
}

/// What is known of a channel's users.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) users: Vec<User>,
    /// Who put last, and the number of that put.
    last_put: Option<(TaskId, u64)>,
    last_take: Option<(TaskId, u64)>,
}

/// The record of one channel; in a box, because it comes into being with the first value.
#[derive(Debug)]
pub(crate) struct Users {
    record: Option<Box<Record>>,
    /// The next put, and the next take, that is recorded.
    next_put: u64,
    next_take: u64,
}

impl Users {
    pub(crate) const fn new() -> Self {
        Self {
            record: None,
            next_put: 0,
            next_take: 0,
        }
    }

    /// Whoever is polled has put, for the `count`th time in this channel.
    #[inline]
    pub(crate) fn put(&mut self, count: u64) {
        if INSPECTS && count >= self.next_put {
            self.record(count, true);
        }
    }

    /// The same, of a put that somebody else has brought to its end meanwhile.
    pub(crate) fn put_before(&mut self, count: u64) {
        if INSPECTS && count >= self.next_put {
            let last = self.record.as_ref().and_then(|record| record.last_put);
            self.record(count, true);
            if let Some(record) = &mut self.record {
                record.last_put = last;
            }
        }
    }

    #[inline]
    pub(crate) fn took(&mut self, count: u64) {
        if INSPECTS && count >= self.next_take {
            self.record(count, false);
        }
    }

    #[cold]
    fn record(&mut self, count: u64, put: bool) {
        // While they are exact, the next one follows at once, however many have come meanwhile.
        let next = if count < EXACT { 0 } else { count + SAMPLE };
        if put {
            self.next_put = next;
        } else {
            self.next_take = next;
        }
        let Some((who, line)) = running::polled() else {
            return;
        };
        let record = self.record.get_or_insert_default();
        let last = if put {
            &mut record.last_put
        } else {
            &mut record.last_take
        };
        *last = Some((who, count));
        let known = record.users.iter().position(|user| user.who == who);
        let user = match known {
            Some(known) => &mut record.users[known],
            None if record.users.len() < MOST => {
                record.users.push(User {
                    who,
                    line,
                    puts: 0,
                    takes: 0,
                });
                let new = record.users.len() - 1;
                &mut record.users[new]
            }
            // The one that is known the longest goes: of many short-lived tasks the latest matter.
            None => {
                record.users.rotate_left(1);
                let last = MOST - 1;
                record.users[last] = User {
                    who,
                    line,
                    puts: 0,
                    takes: 0,
                };
                &mut record.users[last]
            }
        };
        if put {
            user.puts += 1;
        } else {
            user.takes += 1;
        }
    }

    pub(crate) fn seen(&self) -> Record {
        self.record.as_deref().cloned().unwrap_or_default()
    }
}

impl Record {
    /// Who put last, if that is known of a channel with so many puts.
    pub(crate) fn last_put(&self, puts: u64) -> Option<TaskId> {
        self.last_put
            .filter(|(_, count)| *count == puts)
            .map(|(who, _)| who)
    }

    pub(crate) fn last_take(&self, takes: u64) -> Option<TaskId> {
        self.last_take
            .filter(|(_, count)| *count == takes)
            .map(|(who, _)| who)
    }
}
