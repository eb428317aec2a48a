//! The arms of an `alt!`, a list of operations of different types.

use std::convert::Infallible;
use std::task::Poll;

use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::place::At;

/// A list of arms; what an `alt!` expands to.
#[doc(hidden)]
pub trait Arms {
    type Output;

    fn count(&self) -> usize;
    fn attempt(&mut self, index: usize, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output>;
    fn collect(&mut self, index: usize) -> Poll<Self::Output>;
    fn withdraw(&mut self);
    fn is_polled(&self, index: usize) -> bool;
    /// Where they stand in the program: the place of the first one that has one, which knows the others.
    fn at(&self) -> At {
        At::Unknown
    }
    fn has_default(&self) -> bool {
        false
    }
    /// The outcome if nothing is ready, for a list that has one.
    fn default(&mut self) -> Option<Self::Output>;
}

/// One arm and those after it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Arm<O, R>(pub O, pub R);

/// The end of the list.
#[doc(hidden)]
#[derive(Debug)]
pub struct End;

/// The end of a list with a `default` arm.
#[doc(hidden)]
#[derive(Debug)]
pub struct OrDefault;

/// In the place of an arm that a `cfg` takes away: never ready.
#[doc(hidden)]
#[derive(Debug)]
pub struct Absent;

impl Operation for Absent {
    type Output = Infallible;

    fn attempt(&mut self, _: &mut Attempt<'_, '_>) -> Attempted<Infallible> {
        Attempted::Idle
    }

    fn collect(&mut self) -> Poll<Infallible> {
        Poll::Pending
    }

    fn withdraw(&mut self) {}
}

/// Which arm won: this one, or one of those after it.
#[doc(hidden)]
#[derive(Debug)]
pub enum Choice<A, B> {
    This(A),
    Other(B),
}

impl<O: Operation, R: Arms> Arms for Arm<O, R> {
    type Output = Choice<O::Output, R::Output>;

    fn count(&self) -> usize {
        1 + self.1.count()
    }

    fn attempt(&mut self, index: usize, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        match index.checked_sub(1) {
            None => self.0.attempt(attempt).map(Choice::This),
            Some(rest) => self.1.attempt(rest, attempt).map(Choice::Other),
        }
    }

    fn collect(&mut self, index: usize) -> Poll<Self::Output> {
        match index.checked_sub(1) {
            None => self.0.collect().map(Choice::This),
            Some(rest) => self.1.collect(rest).map(Choice::Other),
        }
    }

    fn withdraw(&mut self) {
        self.0.withdraw();
        self.1.withdraw();
    }

    fn is_polled(&self, index: usize) -> bool {
        match index.checked_sub(1) {
            None => self.0.is_polled(),
            Some(rest) => self.1.is_polled(rest),
        }
    }

    fn at(&self) -> At {
        match self.0.at() {
            At::Unknown => self.1.at(),
            at => at,
        }
    }

    fn has_default(&self) -> bool {
        self.1.has_default()
    }

    fn default(&mut self) -> Option<Self::Output> {
        self.1.default().map(Choice::Other)
    }
}

impl Arms for End {
    type Output = Infallible;

    fn count(&self) -> usize {
        0
    }

    fn attempt(&mut self, _: usize, _: &mut Attempt<'_, '_>) -> Attempted<Infallible> {
        Attempted::Idle
    }

    fn collect(&mut self, _: usize) -> Poll<Infallible> {
        Poll::Pending
    }

    fn withdraw(&mut self) {}

    fn is_polled(&self, _: usize) -> bool {
        false
    }

    fn default(&mut self) -> Option<Infallible> {
        None
    }
}

impl Arms for OrDefault {
    type Output = ();

    fn count(&self) -> usize {
        0
    }

    fn attempt(&mut self, _: usize, _: &mut Attempt<'_, '_>) -> Attempted<()> {
        Attempted::Idle
    }

    fn collect(&mut self, _: usize) -> Poll<()> {
        Poll::Pending
    }

    fn withdraw(&mut self) {}

    fn is_polled(&self, _: usize) -> bool {
        false
    }

    fn has_default(&self) -> bool {
        true
    }

    fn default(&mut self) -> Option<()> {
        Some(())
    }
}
