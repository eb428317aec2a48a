//! What stands for [`note`](../note.rs) in a build that does not inspect: the same names, and nothing is left.

#![allow(clippy::unused_self)]

use std::task::Poll;
use std::time::Instant;

pub(crate) use super::left::{Change, On};
use super::place::{At, Word};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp;

impl Stamp {
    pub(crate) fn now() -> Self {
        Self
    }

    pub(crate) fn get(self) -> (u32, u32) {
        (0, 0)
    }

    pub(crate) fn raise(self, _: &mut u32) {}
}

#[derive(Debug)]
pub(crate) struct Ticking;

impl Ticking {
    pub(crate) fn start() -> Self {
        Self
    }

    pub(crate) fn tick(&self, _: impl FnOnce() -> Instant) {}

    pub(crate) fn set(&self, _: impl FnOnce() -> u32) {}
}

#[derive(Debug)]
pub(crate) struct Traced;

impl Traced {
    pub(crate) fn new() -> Self {
        Self
    }
}

/// The future alone.
#[doc(hidden)]
pub type InWord<F> = F;

pub(crate) const fn in_word<F>(_: &'static Word, future: F) -> F {
    future
}

pub(crate) fn in_line() {}

pub(crate) fn still() {}

pub(crate) fn note(_: At, _: On) {}

pub(crate) fn foreign<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    poll()
}

pub(crate) fn choice<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    poll()
}

pub(crate) fn unnoted<R>(f: impl FnOnce() -> R) -> R {
    f()
}

pub(crate) fn within<R>(_: At, f: impl FnOnce() -> R) -> R {
    f()
}

pub(crate) fn or_word(at: At) -> At {
    at
}

pub(crate) fn noted() -> Option<On> {
    None
}

pub(crate) fn is_in_line() -> bool {
    false
}

pub(crate) fn end_poll(_: bool) -> Change {
    Change::None
}
