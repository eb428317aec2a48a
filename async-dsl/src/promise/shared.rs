//! What both ends of a promise share: one lock around the answer and its waiters.
//!
//! No user code runs under the lock: wakers are cloned, woken and dropped outside it, and values are moved out, or
//! cloned through an `Arc` that was cloned under it.

use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::{fmt, mem};

use slab::Slab;

use super::Broken;
use crate::runtime::explore::Go;
use crate::runtime::explore::access::{Form, Kind};
use crate::runtime::note::{self, On};
use crate::runtime::object::Object;
use crate::runtime::place::At;
use crate::runtime::poll_end::when_poll_ends;
use crate::runtime::simulated;
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::wake::wake_all;

pub(super) struct Shared<T> {
    state: Mutex<State<T>>,
    pub(super) object: Object,
    made_at: &'static Location<'static>,
    /// Breaks the promise, after the panic that dropped its resolver was caught, if there is one. A function pointer,
    /// because `T` is known to be `Send + 'static` only where the promise is made.
    break_when_poll_ends: fn(Arc<Self>, Option<&'static Location<'static>>),
}

struct State<T> {
    answer: Answer<T>,
    waiters: Slab<Waker>,
    /// How to keep the value; set once a handle wants to read it more than once.
    keep: Option<fn(T) -> Kept<T>>,
    promises: usize,
}

enum Answer<T> {
    Awaited,
    Value(T),
    Kept(Kept<T>),
    Broken(Broken),
    /// Delivered, and taken or never wanted.
    Gone,
}

/// A value that is cloned for each reader. A trait object, so that a promise of a `T` that is only `Send` stays `Send`.
type Kept<T> = Arc<dyn CloneValue<T> + Send + Sync>;

trait CloneValue<T> {
    fn clone_value(&self) -> T;
}

impl<T: Clone> CloneValue<T> for T {
    fn clone_value(&self) -> T {
        self.clone()
    }
}

impl<T: Send + 'static> Shared<T> {
    pub(super) fn new(made_at: &'static Location<'static>) -> Self {
        Self {
            state: Mutex::new(State {
                answer: Answer::Awaited,
                waiters: Slab::new(),
                keep: None,
                promises: 1,
            }),
            object: Object::new(),
            made_at,
            break_when_poll_ends: |shared, task| {
                when_poll_ends(Box::new(move |panic| {
                    shared.settle(Err(Broken::new(shared.made_at, task, panic)));
                }));
            },
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Shared<T> {
    /// Keeps the value from now on, so that every reader gets a clone.
    pub(super) fn keep_value(&self) {
        let mut state = lock(&self.state);
        if state.keep.is_none() {
            state.keep = Some(|value| Arc::new(value));
            state.answer = match mem::replace(&mut state.answer, Answer::Gone) {
                Answer::Value(value) => Answer::Kept(Arc::new(value)),
                other => other,
            };
        }
    }
}

impl<T> Shared<T> {
    /// Stores the answer if there is none yet and wakes the waiters. Returns whether it was the first.
    pub(super) fn settle(&self, answer: Result<T, Broken>) -> bool {
        self.object.note(Kind::Comes, || Form::Other);
        let mut state = lock(&self.state);
        if !matches!(state.answer, Answer::Awaited) {
            return false;
        }
        if state.promises == 0 {
            state.answer = Answer::Gone;
            return true;
        }
        state.answer = match (answer, state.keep) {
            (Ok(value), Some(keep)) => Answer::Kept(keep(value)),
            (Ok(value), None) => Answer::Value(value),
            (Err(broken), _) => Answer::Broken(broken),
        };
        let waiters = mem::take(&mut state.waiters);
        drop(state);
        wake_all(waiters.into_iter().map(|(_, waker)| waker));
        true
    }

    /// Breaks the promise, unless it has an answer, because `task` (or plain code) dropped the last resolver.
    pub(super) fn break_unless_settled(self: Arc<Self>, task: Option<&'static Location<'static>>) {
        if !matches!(lock(&self.state).answer, Answer::Awaited) {
            self.object.note(Kind::Looks, || Form::Other);
            return;
        }
        self.object.note(Kind::Comes, || Form::Other);
        (self.break_when_poll_ends)(self, task);
    }

    /// What is done before a poll where every schedule is explored: what is there is kept for the next turn. `counted` is
    /// whether it is an operation of its own, and no arm.
    #[cold]
    pub(super) fn poll_explored(&self, counted: bool, go: Go, cx: &Context<'_>) -> Poll<()> {
        let is_there = !matches!(lock(&self.state).answer, Answer::Awaited);
        if go == Go::Begins {
            simulated::begins(true);
            self.object.note(Kind::Awaits, || Form::Other);
            if is_there {
                simulated::defer(cx);
                return Poll::Pending;
            }
        } else if !counted || !self.object.has_served() {
            self.object.touch();
        }
        if simulated::is_asked(is_there) {
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    pub(super) fn poll(
        &self,
        key: &mut Option<usize>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<T, Broken>> {
        // Declared before every guard, so that a waker left in it is dropped after the lock is released.
        let mut fresh = None;
        loop {
            let mut state = lock(&self.state);
            if let Some(answer) = state.read() {
                drop(state);
                *key = None;
                return Poll::Ready(self.open(answer));
            }
            let place = key.and_then(|key| state.waiters.get_mut(key));
            match (place, fresh.take()) {
                (Some(known), _) if known.will_wake(cx.waker()) => break,
                (Some(known), Some(waker)) => {
                    let old = mem::replace(known, waker);
                    drop(state);
                    drop(old);
                    break;
                }
                (None, Some(waker)) => {
                    *key = Some(state.waiters.insert(waker));
                    break;
                }
                (_, None) => {
                    drop(state);
                    fresh = Some(cx.waker().clone());
                }
            }
        }
        note::note(At::UNKNOWN, On::Promise(self.made_at));
        Poll::Pending
    }

    fn open(&self, answer: Answer<T>) -> Result<T, Broken> {
        match answer {
            Answer::Value(value) => Ok(value),
            Answer::Kept(kept) => Ok((*kept).clone_value()),
            Answer::Broken(broken) => Err(broken),
            Answer::Awaited | Answer::Gone => panic!(
                "the promise made at {} was read again after it gave its value away; to read it more than once, \
                 clone it or await it by reference",
                self.made_at
            ),
        }
    }

    pub(super) fn remove_waiter(&self, key: Option<usize>) {
        if let Some(key) = key {
            // Two statements: the lock is released before the waker is dropped.
            let waker = lock(&self.state).waiters.try_remove(key);
            drop(waker);
        }
    }

    pub(super) fn add_promise(&self) {
        lock(&self.state).promises += 1;
    }

    pub(super) fn remove_promise(&self) {
        self.object.note(Kind::DropTaker, || Form::Other);
        let mut state = lock(&self.state);
        state.promises -= 1;
        if state.promises == 0 && !matches!(state.answer, Answer::Awaited) {
            let unread = mem::replace(&mut state.answer, Answer::Gone);
            drop(state);
            drop(unread);
        }
    }

    pub(super) fn is_delivered(&self) -> bool {
        self.object.note(Kind::Looks, || Form::Other);
        matches!(
            lock(&self.state).answer,
            Answer::Value(_) | Answer::Kept(_) | Answer::Gone
        )
    }

    pub(super) fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = match lock(&self.state).answer {
            Answer::Awaited => "awaited",
            Answer::Value(_) | Answer::Kept(_) => "delivered",
            Answer::Broken(_) => "broken",
            Answer::Gone => "gone",
        };
        f.debug_struct(name)
            .field("made_at", &format_args!("{}", self.made_at))
            .field("answer", &format_args!("{answer}"))
            .finish()
    }

    #[cfg(test)]
    pub(super) fn waiters(&self) -> usize {
        lock(&self.state).waiters.len()
    }
}

impl<T> State<T> {
    /// Returns the answer for one reader: the value itself, or another handle to it if it is kept.
    fn read(&mut self) -> Option<Answer<T>> {
        match &self.answer {
            Answer::Awaited => None,
            Answer::Kept(kept) => Some(Answer::Kept(Arc::clone(kept))),
            Answer::Broken(broken) => Some(Answer::Broken(broken.clone())),
            Answer::Value(_) | Answer::Gone => Some(mem::replace(&mut self.answer, Answer::Gone)),
        }
    }
}
