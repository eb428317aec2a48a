//! The users of a channel: the tasks that have put and taken.
//!
//! The last to put and the last to take stand in the channel itself: they are always known, and cost nothing but a look as
//! long as they stay the same. Who was there before them is put on a list: the first few, then a sample.

use super::INSPECTS;
use super::id::TaskId;
use super::place::Line;
use super::running;

/// Until there are so many on the list, everybody who is followed by another is put on it,
const FEW: usize = 4;
/// in the first so many puts, and takes.
const EXACT: u64 = 1024;
/// After those, and of a user whom no other follows, one of this many.
const SAMPLE: u32 = 256;

/// The number of users that are recorded.
const MOST: usize = 64;

/// A task, or a `block_on`, that has put or taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) who: TaskId,
    pub(crate) line: Line,
    /// The numbers of recorded operations of this user.
    pub(crate) puts: u32,
    pub(crate) takes: u32,
}

/// The recorded users of a channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) users: Vec<User>,
    /// The last one, and the lower half of the number of the operation after which it was.
    last_put: (TaskId, u32),
    last_take: (TaskId, u32),
}

/// The last one on one side of a channel. Without a line it is none of ours.
#[derive(Clone, Copy, Debug)]
struct Last {
    who: TaskId,
    line: Option<Line>,
}

impl Last {
    const NONE: Self = Self {
        who: TaskId::NONE,
        line: None,
    };

    fn polled() -> Self {
        running::polled().map_or(Self::NONE, |(who, line)| Self {
            who,
            line: Some(line),
        })
    }
}

/// Those who came before; in a box, because few channels have any.
#[derive(Debug, Default)]
struct Earlier(Vec<User>);

#[derive(Clone, Copy, Debug)]
enum Side {
    Put,
    Take,
}

/// The record of one channel. Small, because every channel has it.
#[derive(Debug)]
pub(crate) struct Users {
    put: Last,
    take: Last,
    /// The lower halves of the numbers of the last recorded put, and take.
    puts: u32,
    takes: u32,
    earlier: Option<Box<Earlier>>,
}

impl Users {
    pub(crate) const fn new() -> Self {
        Self {
            put: Last::NONE,
            take: Last::NONE,
            puts: 0,
            takes: 0,
            earlier: None,
        }
    }

    /// To be called when the polled task has put, the `count`th put of this channel.
    #[inline]
    pub(crate) fn put(&mut self, count: u64) {
        if !INSPECTS {
            return;
        }
        let is_due = is_due(std::mem::replace(&mut self.puts, low(count)), count);
        if is_due || self.put.who != running::id() {
            self.record(Side::Put, count, is_due);
        }
    }

    /// Returns whether [`put_before`](Self::put_before) is to be called for a put that was accepted while it was parked, when
    /// this is the count.
    #[inline]
    pub(crate) fn put_is_due(&self, count: u64) -> bool {
        INSPECTS && (is_due(self.puts, count) || self.is_exact(count))
    }

    /// As [`put`](Self::put), for a parked put that a partner has accepted since.
    pub(crate) fn put_before(&mut self, count: u64) {
        if !INSPECTS {
            return;
        }
        let is_due = is_due(self.puts, count);
        let is_other = self.put.who != running::id();
        if self.puts != low(count) {
            // Who the last one is nobody knows: it need not be this one.
            self.puts = low(count).wrapping_sub(1);
            if is_due || is_other {
                self.record(Side::Put, count, is_due);
            }
        } else if is_other && self.is_exact(count) {
            self.keep(Last::polled(), Side::Put);
        }
    }

    #[inline]
    pub(crate) fn took(&mut self, count: u64) {
        if !INSPECTS {
            return;
        }
        let is_due = is_due(std::mem::replace(&mut self.takes, low(count)), count);
        if is_due || self.take.who != running::id() {
            self.record(Side::Take, count, is_due);
        }
    }

    /// The last one on this side is now the one that is polled.
    #[cold]
    fn record(&mut self, side: Side, count: u64, is_due: bool) {
        let last = match side {
            Side::Put => &mut self.put,
            Side::Take => &mut self.take,
        };
        let new = Last::polled();
        let old = std::mem::replace(last, new);
        if is_due || (old.who != new.who && self.is_exact(count)) {
            self.keep(old, side);
        }
    }

    #[inline]
    fn is_exact(&self, count: u64) -> bool {
        let listed = self.earlier.as_ref().map_or(0, |earlier| earlier.0.len());
        listed < FEW && count < EXACT
    }

    /// Puts a user on the list, or counts one that is there.
    fn keep(&mut self, user: Last, side: Side) {
        if let Some(line) = user.line {
            let earlier = self.earlier.get_or_insert_default();
            add(&mut earlier.0, user.who, line, side);
        }
    }

    pub(crate) fn seen(&self) -> Record {
        let mut users = match &self.earlier {
            Some(earlier) => earlier.0.clone(),
            None => Vec::new(),
        };
        for (last, side) in [(self.put, Side::Put), (self.take, Side::Take)] {
            if let Some(line) = last.line {
                add(&mut users, last.who, line, side);
            }
        }
        Record {
            users,
            last_put: (self.put.who, self.puts),
            last_take: (self.take.who, self.takes),
        }
    }
}

/// Whether a sample is taken between these two.
#[inline]
const fn is_due(before: u32, count: u64) -> bool {
    before / SAMPLE != low(count) / SAMPLE
}

#[inline]
#[allow(clippy::cast_possible_truncation)]
const fn low(count: u64) -> u32 {
    count as u32
}

/// Counts one more operation of a user, who is put on the list unless there.
fn add(users: &mut Vec<User>, who: TaskId, line: Line, side: Side) {
    let known = users.iter().position(|user| user.who == who);
    let index = known.unwrap_or_else(|| {
        if users.len() == MOST {
            // Of many short-lived tasks the latest matter.
            users.remove(0);
        }
        users.push(User {
            who,
            line,
            puts: 0,
            takes: 0,
        });
        users.len() - 1
    });
    let count = match side {
        Side::Put => &mut users[index].puts,
        Side::Take => &mut users[index].takes,
    };
    *count = count.saturating_add(1);
}

impl Record {
    /// Returns the user of the last put of a channel with this many puts, if it is known.
    pub(crate) fn last_put(&self, puts: u64) -> Option<TaskId> {
        let (who, count) = self.last_put;
        (count == low(puts)).then_some(who)
    }

    pub(crate) fn last_take(&self, takes: u64) -> Option<TaskId> {
        let (who, count) = self.last_take;
        (count == low(takes)).then_some(who)
    }
}

#[cfg(all(test, not(any(async_dsl_loom, async_dsl_no_inspect))))]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::scheduler::Scheduler;

    /// The users of a channel that counts.
    struct Used {
        users: Users,
        puts: u64,
        takes: u64,
    }

    impl Used {
        fn put(&mut self) {
            self.puts += 1;
            self.users.put(self.puts);
        }

        fn take(&mut self) {
            self.takes += 1;
            self.users.took(self.takes);
        }

        fn last_put(&self) -> Option<TaskId> {
            self.users.seen().last_put(self.puts)
        }

        fn listed(&self) -> Vec<(TaskId, u32, u32)> {
            let users = self.users.seen().users.into_iter();
            users
                .map(|user| (user.who, user.puts, user.takes))
                .collect()
        }
    }

    type Act = fn(&mut Used);

    /// Runs each in a task of its own.
    fn run(acts: impl IntoIterator<Item = Act>) -> (Used, Vec<TaskId>) {
        let scheduler = Scheduler::manual();
        let used = Arc::new(Mutex::new(Used {
            users: Users::new(),
            puts: 0,
            takes: 0,
        }));
        let tasks: Vec<_> = acts
            .into_iter()
            .map(|act| {
                let used = Arc::clone(&used);
                scheduler.spawn(async move {
                    act(&mut used.lock().unwrap());
                    running::id()
                })
            })
            .collect();
        let ids = tasks.into_iter().map(|task| scheduler.block_on(task));
        let ids = ids.collect();
        let used = Arc::into_inner(used).unwrap().into_inner().unwrap();
        (used, ids)
    }

    #[test]
    fn of_one_message_both_ends_are_known_and_nothing_is_allocated() {
        let (used, ids) = run([Used::put as Act, Used::take]);
        assert!(used.users.earlier.is_none());
        assert_eq!(used.listed(), [(ids[0], 1, 0), (ids[1], 0, 1)]);
        assert_eq!(used.last_put(), Some(ids[0]));
        assert_eq!(used.users.seen().last_take(1), Some(ids[1]));
    }

    #[test]
    fn of_many_users_the_first_are_known_and_the_last() {
        let (used, ids) = run([Used::put as Act; 100]);
        let listed: Vec<_> = used.listed().into_iter().map(|user| user.0).collect();
        assert_eq!(listed, [ids[0], ids[1], ids[2], ids[3], ids[99]]);
        assert_eq!(used.last_put(), Some(ids[99]));
    }

    #[test]
    fn a_user_who_puts_and_takes_is_one() {
        let (used, ids) = run([Used::put as Act, |used| {
            used.take();
            used.put();
        }]);
        assert_eq!(used.listed(), [(ids[0], 1, 0), (ids[1], 1, 1)]);
    }

    #[test]
    fn what_lives_for_long_is_sampled() {
        let (used, ids) = run([(|used| (0..2560).for_each(|_| used.put())) as Act]);
        assert_eq!(used.listed(), [(ids[0], 11, 0)]);
    }

    #[test]
    fn of_many_short_lived_users_no_more_are_listed_than_the_bound() {
        let (used, ids) = run(vec![Used::put as Act; 30_000]);
        let listed = used.listed();
        assert_eq!(listed.len(), MOST);
        assert_eq!(listed.last().map(|user| user.0), ids.last().copied());
    }

    #[test]
    fn who_put_last_is_unknown_after_a_put_that_was_accepted_meanwhile() {
        let (used, ids) = run([Used::put as Act, |used| {
            used.puts += 1;
            assert_eq!(used.last_put(), None);
            used.users.put_before(used.puts);
        }]);
        assert_eq!(used.last_put(), None);
        assert_eq!(used.listed(), [(ids[0], 1, 0), (ids[1], 1, 0)]);
    }

    #[test]
    fn who_put_last_stays_known_when_an_earlier_put_is_collected() {
        let (used, ids) = run([
            (|used| {
                used.puts += 1;
                used.put();
            }) as Act,
            |used| used.users.put_before(used.puts),
        ]);
        assert_eq!(used.last_put(), Some(ids[0]));
        let listed: Vec<_> = used.listed().into_iter().map(|user| user.0).collect();
        assert_eq!(listed, [ids[1], ids[0]]);
    }

    #[test]
    fn an_operation_of_a_stranger_is_nobodys() {
        let (mut used, _) = run([Used::put as Act]);
        used.put();
        assert_eq!(used.last_put(), Some(TaskId::NONE));
        assert_eq!(used.listed().len(), 1);
    }
}
