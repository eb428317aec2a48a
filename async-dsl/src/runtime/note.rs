//! What a poll leaves for whoever inspects: who is polled, and where it parked.
//!
//! A waiter of a channel carries a [`Stamp`], and is found there. What no channel knows (a sleep, the wait for
//! a task) leaves a [`Note`] on its thread when it is not ready, and the task that was polled stores the note
//! in its table when the whole poll ends unready. So a task that only ever parks on channels stores nothing.

use std::cell::Cell;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Instant;

use super::id::TaskId;
use super::place::{At, Line, Word};

/// Whether this build inspects. It does, except where that would change what is measured or model-checked.
pub(crate) const ON: bool = cfg!(not(any(async_dsl_loom, async_dsl_no_inspect)));

/// Milliseconds since the first of them was asked for. They wrap around after 49 days.
pub(crate) fn millis(at: Instant) -> u32 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    let since = at.saturating_duration_since(*EPOCH.get_or_init(|| at));
    // The lower half.
    u32::try_from(since.as_millis() & u128::from(u32::MAX)).unwrap_or_default()
}

/// What a channel's waiter carries: who waits, in [short](TaskId::short), and since when. Small, because it is copied with
/// the waiter.
#[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) who: u32,
    pub(crate) since: u32,
}

/// What a channel's waiter carries: in this build nothing.
#[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp;

impl Stamp {
    /// Whoever is polled on this thread waits from now on.
    #[inline]
    pub(crate) fn now() -> Self {
        #[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
        return Self {
            who: polled().short(),
            since: now(),
        };
        #[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
        Self
    }

    /// Who waits, and since when.
    pub(crate) fn get(self) -> (u32, u32) {
        #[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
        return (self.who, self.since);
        #[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
        (0, 0)
    }

    /// Raises `longest` to the milliseconds that this has waited. Most waits end in the millisecond in which they began.
    #[inline]
    pub(crate) fn raise(self, longest: &mut u32) {
        #[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
        {
            let now = now();
            if now != self.since {
                *longest = (*longest).max(waited(self.since, now));
            }
        }
        #[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
        let _ = longest;
    }
}

/// The time between two of [`millis`]. The coarse clocks of two threads differ a little.
#[inline]
pub(crate) fn waited(since: u32, now: u32) -> u32 {
    let waited = now.wrapping_sub(since);
    if waited > u32::MAX / 2 { 0 } else { waited }
}

/// What is waited for, where it is no channel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On {
    Timer,
    Task(TaskId, Line),
    /// Made at this line.
    Promise(Line),
    Agent(Line),
    /// The closure of a `thread!`.
    Thread,
    /// The network.
    #[cfg_attr(any(not(feature = "net"), async_dsl_loom), allow(dead_code))]
    Socket,
    /// Something that is not ours.
    Foreign,
}

/// Where a task is parked, if no channel knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Note {
    pub(crate) at: At,
    pub(crate) on: On,
    pub(crate) since: u32,
}

/// How the poll on this thread went so far: what of ours was found unready. One bit each, so that adding one is one
/// instruction; of several the first below counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parked(u8);

impl Parked {
    const NOWHERE: Self = Self(0);
    /// Where the note says.
    const NOTED: Self = Self(1);
    /// In the line of a channel.
    const IN_LINE: Self = Self(2);
    /// Where it was before.
    const STILL: Self = Self(4);
    /// At an arm that is not ours. The note says so whatever the other arms would say: it alone may end the wait.
    const FOREIGN: Self = Self(8);

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

struct Local {
    /// The task or `block_on` being polled; the last one, if none is.
    polled: Cell<TaskId>,
    parked: Cell<Parked>,
    note: Cell<Note>,
    /// The word around the future being polled: an arm of an `alt!`, or on a [traced](Traced) thread any.
    word: Cell<At>,
    is_traced: Cell<bool>,
    /// The time of the last look at the clock, for a thread that looks at it regularly, else 0.
    coarse: Cell<u32>,
}

const NO_NOTE: Note = Note {
    at: At::UNKNOWN,
    on: On::Foreign,
    since: 0,
};

thread_local! {
    static LOCAL: Local = const {
        Local {
            polled: Cell::new(TaskId::NONE),
            parked: Cell::new(Parked::NOWHERE),
            note: Cell::new(NO_NOTE),
            word: Cell::new(At::UNKNOWN),
            is_traced: Cell::new(false),
            coarse: Cell::new(0),
        }
    };
}

/// The time, as exact as this thread's last look at the clock.
#[inline]
fn now() -> u32 {
    match LOCAL.with(|local| local.coarse.get()) {
        0 => millis(Instant::now()),
        coarse => coarse,
    }
}

/// A thread that polls until this is dropped. If it looks at its scheduler's clock before it polls, and often, then noting
/// a time costs nothing.
#[derive(Debug)]
pub(crate) struct Ticking {
    outer: u32,
    outer_polled: TaskId,
}

impl Ticking {
    pub(crate) fn start() -> Self {
        LOCAL.with(|local| Self {
            outer: local.coarse.replace(0),
            outer_polled: local.polled.get(),
        })
    }

    pub(crate) fn tick(&self, now: impl FnOnce() -> Instant) {
        self.set(|| millis(now()).max(1));
    }

    /// The same, for a time in [`millis`] that somebody else has looked at. Not 0.
    #[allow(clippy::unused_self)] // only who has begun may go on
    pub(crate) fn set(&self, coarse: impl FnOnce() -> u32) {
        if ON {
            let now = coarse();
            LOCAL.with(|local| local.coarse.set(now));
        }
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            local.coarse.set(self.outer);
            local.polled.set(self.outer_polled);
        });
    }
}

#[inline]
fn add(parked: Parked) {
    if ON {
        LOCAL.with(|local| local.parked.set(Parked(local.parked.get().0 | parked.0)));
    }
}

/// What is polled is in the line of a channel.
#[inline]
pub(crate) fn in_line() {
    add(Parked::IN_LINE);
}

/// What is polled waits where it waited before.
#[inline]
pub(crate) fn still() {
    add(Parked::STILL);
}

/// What is polled waits for `on`. Without a place of its own it has that of the word around it.
#[inline]
pub(crate) fn note(at: At, on: On) {
    if ON {
        add(Parked::NOTED);
        LOCAL.with(|local| {
            if local.parked.get().has(Parked::FOREIGN) {
                return;
            }
            local.note.set(Note {
                at: or_word(at),
                on,
                since: now(),
            });
        });
    }
}

/// Polls what is awaited in linear code, and gives what it leaves a place if it has none of its own.
///
/// An await that is ready at once, on a thread that has noted nothing in this poll, looks at two cells and sets none.
#[inline]
pub(crate) fn awaited<T>(word: &'static Word, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    if !ON {
        return poll();
    }
    let is_first =
        LOCAL.with(|local| local.parked.get() == Parked::NOWHERE && !local.is_traced.get());
    let inside = if is_first {
        None
    } else {
        Some(Inside::new(word))
    };
    let polled = poll(); // once in the code, so that it is inlined
    if polled.is_pending() || inside.is_some() {
        leave(inside, word, polled.is_pending());
    }
    polled
}

/// An await is polled that is not the first of its task's poll, or is to be known while it is polled.
struct Inside {
    /// What was left before it.
    before: Parked,
    _outer: Outer,
}

impl Inside {
    #[cold]
    fn new(word: &'static Word) -> Self {
        LOCAL.with(|local| Self {
            before: local.parked.replace(Parked::NOWHERE),
            _outer: Outer(
                local
                    .is_traced
                    .get()
                    .then(|| local.word.replace(At::word(word))),
            ),
        })
    }
}

/// The await at `word` was polled: the cells say what it left, and what was left before it.
#[cold]
fn leave(inside: Option<Inside>, word: &'static Word, is_pending: bool) {
    let before = inside.map_or(Parked::NOWHERE, |inside| inside.before);
    let parked = LOCAL.with(|local| local.parked.replace(before));
    if is_pending {
        add(parked);
        if parked != Parked::IN_LINE {
            place(before, parked, At::word(word));
        }
    }
}

/// What left `parked` is awaited at `at`. If it left nothing, it is not ours; what was noted `before` says more than that.
fn place(before: Parked, parked: Parked, at: At) {
    if parked.has(Parked::NOTED) {
        LOCAL.with(|local| {
            let note = local.note.get();
            if note.at.is_unknown() {
                local.note.set(Note { at, ..note });
            }
        });
    } else if parked == Parked::NOWHERE && !before.has(Parked::NOTED) {
        note(at, On::Foreign);
    }
}

/// Polls an arm that may not be ours: it is not if nothing of ours is found unready in it.
pub(crate) fn foreign<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    if !ON {
        return poll();
    }
    let (before, nothing) = LOCAL.with(|local| {
        let before = local.parked.get();
        let nothing = Parked(before.0 & Parked::FOREIGN.0);
        local.parked.set(nothing);
        (before, nothing)
    });
    let polled = poll();
    let parked = LOCAL.with(|local| local.parked.replace(before));
    if polled.is_pending() && parked == nothing {
        note(At::UNKNOWN, On::Foreign);
        add(Parked::FOREIGN);
    } else if polled.is_pending() {
        add(parked);
    }
    polled
}

/// A thread on which words are told of as they are polled, not only where they park, until this is dropped.
#[derive(Debug)]
pub(crate) struct Traced(bool);

impl Traced {
    pub(crate) fn new() -> Self {
        Self(LOCAL.with(|local| local.is_traced.replace(true)))
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        LOCAL.with(|local| local.is_traced.set(self.0));
    }
}

/// The place itself, or that of the word around the future being polled.
pub(crate) fn or_word(at: At) -> At {
    if ON && at.is_unknown() {
        LOCAL.with(|local| local.word.get())
    } else {
        at
    }
}

/// What the last poll on this thread found unready, if it noted something.
pub(crate) fn noted() -> Option<On> {
    LOCAL.with(|local| {
        local
            .parked
            .get()
            .has(Parked::NOTED)
            .then(|| local.note.get().on)
    })
}

/// Runs `f`, and forgets what it notes.
pub(crate) fn unnoted<R>(f: impl FnOnce() -> R) -> R {
    if !ON {
        return f();
    }
    let before = LOCAL.with(|local| (local.parked.get(), local.note.get()));
    let result = f();
    if before.0 != Parked::NOWHERE {
        LOCAL.with(|local| {
            local.parked.set(before.0);
            local.note.set(before.1);
        });
    }
    result
}

/// Polls a choice. When that is made, what the losers noted is no longer waited for.
pub(crate) fn choice<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    if !ON {
        return poll();
    }
    let before = LOCAL.with(|local| (local.parked.get(), local.note.get()));
    let polled = poll();
    if polled.is_ready() {
        LOCAL.with(|local| {
            local.parked.set(before.0);
            local.note.set(before.1);
        });
    }
    polled
}

/// Runs `f` inside the word at `at`.
pub(crate) fn within<R>(at: At, f: impl FnOnce() -> R) -> R {
    if !ON {
        return f();
    }
    let _outer = Outer(Some(LOCAL.with(|local| local.word.replace(at))));
    f()
}

/// The word to go back to, if it was left.
struct Outer(Option<At>);

impl Drop for Outer {
    #[inline]
    fn drop(&mut self) {
        if let Some(at) = self.0 {
            LOCAL.with(|local| local.word.set(at));
        }
    }
}

/// A poll of `who` begins. It is known as polled until the next one begins, or the thread stops [polling](Ticking).
#[inline]
pub(crate) fn begin_poll(who: TaskId) {
    if ON {
        LOCAL.with(|local| {
            local.polled.set(who);
            local.parked.set(Parked::NOWHERE);
        });
    }
}

/// Says who is dropped on this thread, perhaps while another is polled; gives that one, to be said again.
pub(crate) fn discarding(who: TaskId) -> TaskId {
    LOCAL.with(|local| local.polled.replace(who))
}

/// Who is polled on this thread, if somebody is.
#[inline]
pub(crate) fn polled() -> TaskId {
    LOCAL.with(|local| local.polled.get())
}

/// What an unready poll leaves to be stored.
#[derive(Debug)]
pub(crate) enum Change {
    /// Nothing is stored, and nothing needs to be.
    None,
    Store(Note),
    /// The note that was stored is no longer true.
    Clear,
}

/// What is polled is in the line of a channel, and nowhere else.
#[inline]
pub(crate) fn is_in_line() -> bool {
    LOCAL.with(|local| local.parked.get() == Parked::IN_LINE)
}

/// A poll ended unready; `stored` says whether its task has a note in store.
#[inline]
pub(crate) fn end_poll(stored: bool) -> Change {
    if !ON {
        return Change::None;
    }
    if is_in_line() && !stored {
        return Change::None;
    }
    change(stored)
}

#[cold]
fn change(stored: bool) -> Change {
    let parked = LOCAL.with(|local| local.parked.get());
    if parked.has(Parked::NOTED) {
        Change::Store(LOCAL.with(|local| local.note.get()))
    } else if parked.has(Parked::IN_LINE) && stored {
        Change::Clear
    } else if parked == Parked::NOWHERE {
        Change::Store(Note {
            since: now(),
            ..NO_NOTE
        })
    } else {
        Change::None
    }
}
