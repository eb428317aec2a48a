//! What became of every value, what everybody was told, and what must never be.
//!
//! Its locks are std's: the threads of a sweep all run on one, and are switched nowhere in here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A value that tells the book what becomes of it.
pub(crate) struct Value {
    pub(crate) id: usize,
    book: Arc<Book>,
}

impl Value {
    /// Somebody has taken it.
    pub(crate) fn taken(self) {
        self.book.settle(self.id, Fate::Taken);
    }

    /// It was refused, and came back.
    pub(crate) fn back(self) {
        self.book.told(self.id, Told::Refused);
        self.book.settle(self.id, Fate::Back);
    }

    /// It was still in the channel when all was done.
    pub(crate) fn left(self) {
        self.book.settle(self.id, Fate::Left);
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.book.settle(self.id, Fate::Dropped);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Out,
    Taken,
    Back,
    Left,
    Dropped,
}

impl Fate {
    const fn name(self) -> &'static str {
        match self {
            Self::Out => "out: value",
            Self::Taken => "taken: value",
            Self::Back => "back: value",
            Self::Left => "left: value",
            Self::Dropped => "dropped: value",
        }
    }
}

/// What whoever brought the value was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    Accepted,
    Refused,
    /// The operation was given up.
    GivenUp,
}

impl Told {
    const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing is said: value",
            Self::Accepted => "accepted: value",
            Self::Refused => "refused: value",
            Self::GivenUp => "a putter gives up: value",
        }
    }
}

struct Entry {
    /// The channel it is for.
    channel: Option<usize>,
    /// That channel's close had returned when the operation began.
    after_close: bool,
    /// It comes by a permit, whose taker may have chosen otherwise meanwhile.
    by_permit: bool,
    told: Told,
    fate: Fate,
}

/// What is known of a channel without asking it.
#[derive(Default)]
struct Known {
    capacity: usize,
    /// Takes of every kind that have begun and are not over: each may hold a value.
    taking: usize,
    /// Reservations and permits that may hold a place.
    reserving: usize,
    /// Takers that were told that no value will come any more.
    ends: usize,
    /// Takers that were given up while they waited.
    given_up: usize,
    /// A close has returned.
    closed: bool,
}

/// What an arm waits for.
#[derive(Clone, Copy)]
pub(crate) enum Ready {
    Take(usize),
    Put(usize),
}

struct Watch {
    arms: [Ready; 2],
    /// At some moment since it began nothing was ready for certain.
    unready: bool,
}

#[derive(Default)]
struct Pages {
    entries: Vec<Entry>,
    known: [Known; 2],
    watches: Vec<Watch>,
    log: Vec<(&'static str, usize)>,
}

#[derive(Default)]
pub(crate) struct Book(Mutex<Pages>);

impl Book {
    pub(crate) fn new(capacity: Option<usize>) -> Arc<Self> {
        let mut pages = Pages::default();
        for known in &mut pages.known {
            known.capacity = capacity.unwrap_or(usize::MAX);
        }
        Arc::new(Self(Mutex::new(pages)))
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Pages) -> R) -> R {
        let mut pages = self.pages();
        let result = change(&mut pages);
        pages.watch();
        result
    }

    /// A value for `channel`, if it is for one.
    pub(crate) fn value(self: &Arc<Self>, channel: Option<usize>, by_permit: bool) -> Value {
        self.change(|pages| {
            pages.entries.push(Entry {
                channel,
                after_close: channel.is_some_and(|channel| pages.known[channel].closed),
                by_permit,
                told: Told::Nothing,
                fate: Fate::Out,
            });
            pages.log.push(("made: value", pages.entries.len() - 1));
            Value {
                id: pages.entries.len() - 1,
                book: Arc::clone(self),
            }
        })
    }

    fn settle(&self, id: usize, fate: Fate) {
        self.change(|pages| {
            let entry = &mut pages.entries[id];
            if entry.fate == Fate::Out {
                entry.fate = fate;
                pages.log.push((fate.name(), id));
            }
        });
    }

    pub(crate) fn told(&self, id: usize, told: Told) {
        self.change(|pages| {
            pages.entries[id].told = told;
            pages.log.push((told.name(), id));
        });
    }

    pub(crate) fn taking(&self, channel: usize, more: bool) {
        self.change(|pages| count(&mut pages.known[channel].taking, more));
    }

    pub(crate) fn reserving(&self, channel: usize, more: bool) {
        self.change(|pages| count(&mut pages.known[channel].reserving, more));
    }

    pub(crate) fn gave_up(&self, channel: usize) {
        self.change(|pages| {
            pages.known[channel].given_up += 1;
            pages.log.push(("a taker gives up on channel", channel));
        });
    }

    pub(crate) fn ended(&self, channel: usize) {
        self.change(|pages| {
            pages.known[channel].ends += 1;
            pages
                .log
                .push(("a taker is told the end of channel", channel));
        });
    }

    pub(crate) fn closed(&self, channel: usize) {
        self.change(|pages| {
            pages.known[channel].closed = true;
            pages.log.push(("closed: channel", channel));
        });
    }

    /// What was done, in order.
    pub(crate) fn show(&self) -> String {
        let pages = self.pages();
        let steps: Vec<_> = pages
            .log
            .iter()
            .map(|(what, n)| format!("{what} {n}"))
            .collect();
        steps.join(", ")
    }

    /// Begins to watch whether one of two arms is ready all the time.
    pub(crate) fn watch(&self, arms: [Ready; 2]) -> usize {
        self.change(|pages| {
            pages.watches.push(Watch {
                arms,
                unready: false,
            });
            pages.watches.len() - 1
        })
    }

    /// Ends it. D: a `default` wins only if at some moment nothing was ready.
    pub(crate) fn unwatch(&self, watch: usize, default_won: bool) {
        let unready = std::mem::replace(&mut self.pages().watches[watch].unready, true);
        assert!(
            unready || !default_won,
            "D: `default` won, and an arm was ready all the time"
        );
    }

    /// F: a channel without places holds nothing, unless a taker was given up after it was served.
    pub(crate) fn check_empty(&self, channel: usize, len: usize) {
        let pages = self.pages();
        let excused = pages.is_excused(channel);
        drop(pages);
        assert!(len == 0 || excused, "F: a rendezvous channel holds {len}");
    }

    /// What must be true when everybody is done and every handle is gone.
    pub(crate) fn check(&self, takers_may_go: bool) {
        let pages = self.pages();
        for (id, entry) in pages.entries.iter().enumerate() {
            let Some(channel) = entry.channel else {
                assert!(entry.fate != Fate::Out, "value {id} leaks");
                continue;
            };
            let known = &pages.known[channel];
            let is_unclaimed = matches!(entry.fate, Fate::Left | Fate::Dropped);
            match (entry.told, entry.fate) {
                (_, Fate::Out) => panic!("value {id} leaks"),
                (Told::Nothing, fate) => panic!("value {id} is {fate:?}, and nobody was told"),
                (Told::Accepted, Fate::Taken | Fate::Left)
                | (Told::Refused, Fate::Back)
                | (Told::GivenUp, Fate::Taken | Fate::Left | Fate::Dropped) => {}
                (Told::Accepted, Fate::Dropped) if takers_may_go => {}
                (told, fate) => panic!("value {id} is {fate:?}, and its putter was told {told:?}"),
            }
            if entry.told != Told::Accepted {
                continue;
            }
            assert!(
                !entry.after_close,
                "E: value {id} was accepted after the close"
            );
            assert!(
                !is_unclaimed || known.ends == 0,
                "B: a taker was told that there is nothing, and value {id} was {:?}",
                entry.fate
            );
            assert!(
                !is_unclaimed || known.capacity > 0 || entry.by_permit || pages.is_excused(channel),
                "F: value {id} was accepted at a rendezvous, and was {:?}",
                entry.fate
            );
        }
    }
}

fn count(number: &mut usize, more: bool) {
    if more {
        *number += 1;
    } else {
        *number -= 1;
    }
}

impl Pages {
    fn is_excused(&self, channel: usize) -> bool {
        let by_permit = |entry: &Entry| {
            entry.by_permit && entry.channel == Some(channel) && entry.told == Told::Accepted
        };
        self.known[channel].given_up > 0 || self.entries.iter().any(by_permit)
    }

    /// Whether the arm is ready for certain, whoever watches it being counted as one that waits.
    fn is_ready(&self, arm: Ready) -> bool {
        let (Ready::Take(channel) | Ready::Put(channel)) = arm;
        let known = &self.known[channel];
        let entries = self.entries.iter();
        let out = entries.filter(|entry| entry.channel == Some(channel) && entry.fate == Fate::Out);
        match arm {
            Ready::Take(_) => {
                let others = known.taking - 1;
                let accepted = out.filter(|entry| entry.told == Told::Accepted).count();
                accepted > others || known.closed && others == 0
            }
            Ready::Put(_) => known.closed || out.count() + known.reserving - 1 < known.capacity,
        }
    }

    fn watch(&mut self) {
        for at in 0..self.watches.len() {
            let watch = &self.watches[at];
            if !watch.unready && !watch.arms.iter().any(|arm| self.is_ready(*arm)) {
                self.watches[at].unready = true;
            }
        }
    }
}
