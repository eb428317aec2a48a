//! What a poll leaves for inspection: the task that is polled, and where it parked.
//!
//! A waiter of a channel carries a [`Stamp`], and is found there. What no channel knows (a sleep, the wait for
//! a task) leaves a [`Note`] on its thread when it is not ready, and the task that was polled stores the note
//! in its table when the whole poll ends unready. So a task that only ever parks on channels stores nothing.
//!
//! In a build that does not inspect `off.rs` stands in the place of this file.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use pin_project_lite::pin_project;

use super::left::{BARE, Found, Left, Note};
pub(crate) use super::left::{Change, On};
use super::place::{At, Word};
use super::running;
use super::tick::{millis, waited};

/// What a channel's waiter carries: who waits, in [short](super::id::TaskId::short), and since when. Small, because it is
/// copied with the waiter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    who: u32,
    since: u32,
}

impl Stamp {
    /// The task polled on this thread waits from now on.
    #[inline]
    pub(crate) fn now() -> Self {
        Self {
            who: running::with(|here| here.id.get()).short(),
            since: now(),
        }
    }

    /// Who waits, and since when.
    pub(crate) fn get(self) -> (u32, u32) {
        (self.who, self.since)
    }

    /// Raises `longest` to the milliseconds that this has waited. Most waits end in the millisecond in which they began.
    #[inline]
    pub(crate) fn raise(self, longest: &mut u32) {
        let now = now();
        if now != self.since {
            *longest = (*longest).max(waited(self.since, now));
        }
    }
}

#[inline]
fn with<R>(f: impl FnOnce(&Left) -> R) -> R {
    running::with(|here| f(&here.left))
}

/// The time, as exact as this thread's last look at the clock.
#[inline]
fn now() -> u32 {
    match with(|left| left.coarse.get()) {
        0 => millis(Instant::now()),
        coarse => coarse,
    }
}

/// A thread that polls until this is dropped. If it looks at its scheduler's clock before it polls, and often, then noting
/// a time costs nothing.
#[derive(Debug)]
pub(crate) struct Ticking {
    outer: u32,
}

impl Ticking {
    pub(crate) fn start() -> Self {
        let outer = with(|left| left.coarse.replace(0));
        Self { outer }
    }

    pub(crate) fn tick(&self, now: impl FnOnce() -> Instant) {
        self.set(|| millis(now()).max(1));
    }

    /// As `tick`, with a time in [`millis`] that another thread has read. Not 0.
    #[allow(clippy::unused_self)] // only who has begun may go on
    pub(crate) fn set(&self, coarse: impl FnOnce() -> u32) {
        let now = coarse();
        with(|left| left.coarse.set(now));
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        with(|left| left.coarse.set(self.outer));
    }
}

impl Left {
    #[inline]
    fn add(&self, found: Found) {
        self.found.set(self.found.get().and(found));
    }

    #[inline]
    fn note(&self, at: At, on: On) {
        self.add(Found::NOTED);
        if !self.found.get().has(Found::FOREIGN) {
            let at = self.or_word(at);
            let since = now();
            self.note.set(Note { at, on, since });
        }
    }

    fn or_word(&self, at: At) -> At {
        if at.is_unknown() { self.word.get() } else { at }
    }

    /// Forgets what `f` notes if `forget` says so of its result.
    fn unless<R>(&self, f: impl FnOnce() -> R, forget: impl FnOnce(Found, &R) -> bool) -> R {
        let (found, note) = (self.found.get(), self.note.get());
        let result = f();
        if forget(found, &result) {
            self.found.set(found);
            self.note.set(note);
        }
        result
    }
}

/// What is polled is in the line of a channel.
#[inline]
pub(crate) fn in_line() {
    with(|left| left.add(Found::IN_LINE));
}

/// What is polled waits where it waited before.
#[inline]
pub(crate) fn still() {
    with(|left| left.add(Found::STILL));
}

/// What is polled waits for `on`. Without a place of its own it has that of the word around it.
#[inline]
pub(crate) fn note(at: At, on: On) {
    with(|left| left.note(at, on));
}

pin_project! {
    /// A future whose place is that of the word, or the `.await`, around it.
    #[doc(hidden)]
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct InWord<F> {
        #[pin]
        future: F,
        word: &'static Word,
    }
}

pub(crate) const fn in_word<F>(word: &'static Word, future: F) -> InWord<F> {
    InWord { future, word }
}

impl<F: Future> Future for InWord<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        awaited(this.word, || this.future.poll(cx))
    }
}

/// Polls an awaited future of linear code. What it notes without a place gets the place of the await.
///
/// An await that is ready at once, on a thread that has noted nothing in this poll, looks at two cells and sets none.
#[inline]
fn awaited<T>(word: &'static Word, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    let is_first = with(|left| left.found.get() == Found::NOTHING && !left.is_traced.get());
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

/// Guards an await that is not the first of this poll, or that is being traced.
struct Inside {
    /// What was left before it.
    before: Found,
    _outer: Outer,
}

impl Inside {
    #[cold]
    fn new(word: &'static Word) -> Self {
        with(|left| {
            let traced = left.is_traced.get();
            Self {
                before: left.found.replace(Found::NOTHING),
                _outer: Outer(traced.then(|| left.word.replace(At::word(word)))),
            }
        })
    }
}

/// The await at `word` was polled: the cells say what it left, and what was left before it.
#[cold]
fn leave(inside: Option<Inside>, word: &'static Word, is_pending: bool) {
    let before = inside.map_or(Found::NOTHING, |inside| inside.before);
    with(|left| {
        let found = left.found.replace(before);
        if is_pending {
            left.add(found);
            if found != Found::IN_LINE {
                left.place(before, found, At::word(word));
            }
        }
    });
}

impl Left {
    /// What was `found` is awaited at `at`. If it is nothing, that is not ours; what was noted `before` says more than that.
    fn place(&self, before: Found, found: Found, at: At) {
        if found.has(Found::NOTED) {
            let note = self.note.get();
            if note.at.is_unknown() {
                self.note.set(Note { at, ..note });
            }
        } else if found == Found::NOTHING && !before.has(Found::NOTED) {
            self.note(at, On::Foreign);
        }
    }
}

/// Polls an arm that may not be ours: it is not if nothing of ours is found unready in it.
pub(crate) fn foreign<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    with(|left| {
        let before = left.found.get();
        let nothing = before.within(Found::FOREIGN);
        left.found.set(nothing);
        let note = left.note.get();
        let polled = poll();
        let found = left.found.replace(before);
        if nothing == Found::FOREIGN {
            left.note.set(note);
        }
        if polled.is_pending() {
            left.add(found);
            if found == Found::NOTHING {
                left.note(At::UNKNOWN, On::Foreign);
                left.add(Found::FOREIGN);
            } else if found.has(Found::NOTED) && matches!(left.note.get().on, On::Foreign) {
                left.add(Found::FOREIGN); // awaited in code of ours
            }
        }
        polled
    })
}

/// A thread on which words are told of as they are polled, not only where they park, until this is dropped.
#[derive(Debug)]
pub(crate) struct Traced(bool);

impl Traced {
    pub(crate) fn new() -> Self {
        Self(with(|left| left.is_traced.replace(true)))
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        with(|left| left.is_traced.set(self.0));
    }
}

/// The place itself, or that of the word around the future being polled.
pub(crate) fn or_word(at: At) -> At {
    with(|left| left.or_word(at))
}

/// What the last poll on this thread found unready, if it noted something.
pub(crate) fn noted() -> Option<On> {
    with(|left| {
        let noted = left.found.get().has(Found::NOTED);
        noted.then(|| left.note.get().on)
    })
}

/// Runs `f`, and forgets what it notes, unless there is nothing else.
pub(crate) fn unnoted<R>(f: impl FnOnce() -> R) -> R {
    with(|left| left.unless(f, |before, _| before != Found::NOTHING))
}

/// Polls a choice. When that is made, what the losers noted is no longer waited for.
pub(crate) fn choice<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    with(|left| left.unless(poll, |_, polled| polled.is_ready()))
}

/// Runs `f` inside the word at `at`.
pub(crate) fn within<R>(at: At, f: impl FnOnce() -> R) -> R {
    let _outer = Outer(Some(with(|left| left.word.replace(at))));
    f()
}

/// The word to go back to, if it was left.
struct Outer(Option<At>);

impl Drop for Outer {
    #[inline]
    fn drop(&mut self) {
        if let Some(at) = self.0 {
            with(|left| left.word.set(at));
        }
    }
}

/// What is polled is in the line of a channel, and nowhere else.
#[inline]
pub(crate) fn is_in_line() -> bool {
    with(|left| left.found.get() == Found::IN_LINE)
}

/// A poll ended unready; `stored` says whether its task has a note in store.
#[inline]
pub(crate) fn end_poll(stored: bool) -> Change {
    if is_in_line() && !stored {
        return Change::None;
    }
    change(stored)
}

#[cold]
fn change(stored: bool) -> Change {
    with(|left| {
        let found = left.found.get();
        if found.has(Found::NOTED) {
            Change::Store(left.note.get())
        } else if found.has(Found::IN_LINE) && stored {
            Change::Clear
        } else if found == Found::NOTHING {
            let since = now();
            Change::Store(Note { since, ..BARE })
        } else {
            Change::None
        }
    })
}
