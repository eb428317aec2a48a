//! The users of a channel: the tasks that have put and taken.

use super::INSPECTS;
use super::id::TaskId;
use super::place::Line;
use super::running;

/// Each of this many puts, and takes, is recorded.
const EXACT: u64 = 1024;
/// After those, one of this many.
const SAMPLE: u64 = 256;

/// The number of users that are recorded.
const MOST: usize = 64;

/// A task, or a `block_on`, that has put or taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) who: TaskId,
    pub(crate) line: Line,
    /// The numbers of recorded operations of this user.
    pub(crate) puts: u64,
    pub(crate) takes: u64,
}

/// The recorded users of a channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) users: Vec<User>,
    /// The user of the last recorded put, and the number of that put.
    last_put: Option<(TaskId, u64)>,
    last_take: Option<(TaskId, u64)>,
}

/// The record of one channel; in a box, because it exists from the first value on.
#[derive(Debug)]
pub(crate) struct Users {
    record: Option<Box<Record>>,
    /// The numbers of the next put, and the next take, that is recorded.
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

    /// To be called when the polled task has put, the `count`th put of this channel.
    #[inline]
    pub(crate) fn put(&mut self, count: u64) {
        if self.put_is_due(count) {
            self.record(count, true);
        }
    }

    /// Returns whether the `count`th put would be recorded.
    #[inline]
    pub(crate) const fn put_is_due(&self, count: u64) -> bool {
        INSPECTS && count >= self.next_put
    }

    /// As [`put`](Self::put), for a parked put that a partner has accepted since.
    pub(crate) fn put_before(&mut self, count: u64) {
        if self.put_is_due(count) {
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
        // 0 is always due: each of the first `EXACT` is recorded.
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
            // The oldest one is replaced: of many short-lived tasks the latest matter.
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
    /// Returns the user of the last put of a channel with this many puts, if that put was recorded.
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
