//! What both ends of a promise share: one lock around the answer and its waiters.
//!
//! No user code runs under the lock: wakers are cloned, woken and dropped outside it, and values are moved out, or
//! cloned through an `Arc` that was cloned under it.

use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, mem};

use super::Broken;
use super::waiters::{Key, Waiters};
use crate::runtime::explore::Go;
use crate::runtime::explore::access::{Form, Kind};
use crate::runtime::note::{self, On};
use crate::runtime::object::Object;
use crate::runtime::place::At;
use crate::runtime::poll_end::when_poll_ends;
use crate::runtime::simulated;
use crate::runtime::sync::atomic::{AtomicBool, Ordering};
use crate::runtime::sync::{Mutex, lock};

pub(super) struct Shared<T> {
    state: Mutex<State<T>>,
    /// Whether there is an answer: who finds none has to wait, and clones the waker before it locks.
    settled: AtomicBool,
    pub(super) object: Object,
    made_at: &'static Location<'static>,
    /// Breaks the promise, after the panic that dropped its resolver was caught, if there is one. A function pointer,
    /// because `T` is known to be `Send + 'static` only where the promise is made.
    break_when_poll_ends: fn(Arc<Self>, Option<&'static Location<'static>>),
}

struct State<T> {
    answer: Answer<T>,
    waiters: Waiters,
    /// How to keep the value; set once a handle wants to read it more than once.
    keep: Option<Keep<T>>,
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
type Keep<T> = fn(T) -> Kept<T>;

trait CloneValue<T> {
    fn clone_value(&self) -> T;
}

impl<T: Clone> CloneValue<T> for T {
    fn clone_value(&self) -> T {
        self.clone()
    }
}

impl<T: Send + 'static> Shared<T> {
    #[inline]
    pub(super) fn new(made_at: &'static Location<'static>) -> Self {
        Self {
            settled: AtomicBool::new(false),
            state: Mutex::new(State {
                answer: Answer::Awaited,
                waiters: Waiters::new(),
                keep: None,
                promises: 1,
            }),
            object: Object::new(),
            made_at,
            break_when_poll_ends: |shared, task| {
                when_poll_ends(Box::new(move |panic| {
                    let broken = Broken::new(shared.made_at, task, panic);
                    shared.settle(|_| Answer::Broken(broken));
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
    /// Delivers the value if there is no answer yet, and wakes the waiters. Returns whether it was the first.
    pub(super) fn deliver(&self, value: T) -> bool {
        self.settle(|keep| match keep {
            Some(keep) => Answer::Kept(keep(value)),
            None => Answer::Value(value),
        })
    }

    /// `answer` gets how to keep a value, if it is to be kept.
    #[inline]
    fn settle(&self, answer: impl FnOnce(Option<Keep<T>>) -> Answer<T>) -> bool {
        self.object.note(Kind::Comes, || Form::Other);
        let mut state = lock(&self.state);
        if !matches!(state.answer, Answer::Awaited) {
            return false;
        }
        self.settled.store(true, Ordering::Release);
        if state.promises == 0 {
            state.answer = Answer::Gone;
            return true;
        }
        state.answer = answer(state.keep);
        let waiters = mem::replace(&mut state.waiters, Waiters::new());
        drop(state);
        waiters.wake();
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

    /// `key` is where this waiter is in the line.
    pub(super) fn poll(&self, key: &mut Key, cx: &mut Context<'_>) -> Poll<Result<T, Broken>> {
        // Declared before every guard, so that a waker left in it is dropped after the lock is released.
        let mut fresh = None;
        if *key == Key::NONE && !self.settled.load(Ordering::Acquire) {
            fresh = Some(cx.waker().clone());
        }
        loop {
            let mut state = lock(&self.state);
            match &state.answer {
                Answer::Awaited => {}
                Answer::Value(_) => {
                    let answer = mem::replace(&mut state.answer, Answer::Gone);
                    drop(state);
                    *key = Key::TAKEN;
                    let Answer::Value(value) = answer else {
                        unreachable!("it was a value under the same lock")
                    };
                    return Poll::Ready(Ok(value));
                }
                Answer::Kept(kept) => {
                    let kept = Arc::clone(kept);
                    drop(state);
                    *key = Key::NONE;
                    return Poll::Ready(Ok((*kept).clone_value()));
                }
                Answer::Broken(broken) => {
                    let broken = broken.clone();
                    drop(state);
                    *key = Key::NONE;
                    return Poll::Ready(Err(broken));
                }
                Answer::Gone => {
                    drop(state);
                    self.read_again();
                }
            }
            match (state.waiters.get_mut(*key), fresh.take()) {
                (Some(known), _) if known.will_wake(cx.waker()) => break,
                (Some(known), Some(waker)) => {
                    let old = mem::replace(known, waker);
                    drop(state);
                    drop(old);
                    break;
                }
                (None, Some(waker)) => {
                    *key = state.waiters.insert(waker);
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

    #[cold]
    fn read_again(&self) -> ! {
        panic!(
            "the promise made at {} was read again after it gave its value away; to read it more than once, \
             clone it or await it by reference",
            self.made_at
        )
    }

    pub(super) fn remove_waiter(&self, key: Key) {
        if key.is_waiting() {
            // Two statements: the lock is released before the waker is dropped.
            let waker = lock(&self.state).waiters.remove(key);
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
