//! The arms of an `alt!`, a list of operations of different types.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::Poll;

use pin_project_lite::pin_project;

use crate::commit::{Attempt, Attempted, Operation, Seen};
use crate::runtime::place::At;

/// A list of arms: an `alt!` expands to one.
pub trait Arms {
    type Output;

    fn count(&self) -> usize;
    fn attempt(
        self: Pin<&mut Self>,
        index: usize,
        attempt: &mut Attempt<'_, '_>,
    ) -> Attempted<Self::Output>;
    fn collect(self: Pin<&mut Self>, index: usize) -> Poll<Self::Output>;
    fn withdraw(self: Pin<&mut Self>);
    fn may_be_ready(&self, index: usize) -> bool;
    fn is_polled(&self, index: usize) -> bool;
    /// Returns the place of the first arm that has one, from which those of the others can be found.
    fn at(&self) -> At {
        At::UNKNOWN
    }
    /// Returns what is to be seen of the channel of this arm, where every schedule is explored.
    fn seen(&self, index: usize) -> Option<Seen>;
    fn has_default(&self) -> bool {
        false
    }
    /// Returns the outcome if nothing is ready, for a list that has one.
    fn default(&self) -> Option<Self::Output>;
}

pin_project! {
    /// One arm and those after it.
    #[derive(Debug)]
    pub struct Arm<O, R> {
        #[pin]
        operation: O,
        #[pin]
        rest: R,
    }
}

/// One arm and those after it.
#[allow(
    non_snake_case,
    reason = "an expansion names the type and what makes it by one name"
)]
pub const fn Arm<O, R>(operation: O, rest: R) -> Arm<O, R> {
    Arm { operation, rest }
}

/// The end of the list.
#[derive(Debug)]
pub struct End;

/// The end of a list with a `default` arm.
#[derive(Debug)]
pub struct OrDefault;

/// In the place of an arm that a `cfg` removes: never ready.
#[derive(Debug)]
pub struct Absent;

impl Operation for Absent {
    type Output = Infallible;

    fn attempt(self: Pin<&mut Self>, _: &mut Attempt<'_, '_>) -> Attempted<Infallible> {
        Attempted::Idle
    }

    fn withdraw(self: Pin<&mut Self>) {}

    fn may_be_ready(&self) -> bool {
        false
    }
}

/// Which arm won: this one, or one of those after it.
#[derive(Debug)]
pub enum Choice<A, B> {
    /// This one.
    This(A),
    /// One of those after it.
    Other(B),
}

impl<O: Operation, R: Arms> Arms for Arm<O, R> {
    type Output = Choice<O::Output, R::Output>;

    fn count(&self) -> usize {
        1 + self.rest.count()
    }

    fn attempt(
        self: Pin<&mut Self>,
        index: usize,
        attempt: &mut Attempt<'_, '_>,
    ) -> Attempted<Self::Output> {
        let this = self.project();
        match index.checked_sub(1) {
            None => this.operation.attempt(attempt).map(Choice::This),
            Some(rest) => this.rest.attempt(rest, attempt).map(Choice::Other),
        }
    }

    fn collect(self: Pin<&mut Self>, index: usize) -> Poll<Self::Output> {
        let this = self.project();
        match index.checked_sub(1) {
            None => this.operation.collect().map(Choice::This),
            Some(rest) => this.rest.collect(rest).map(Choice::Other),
        }
    }

    fn withdraw(self: Pin<&mut Self>) {
        let this = self.project();
        this.operation.withdraw();
        this.rest.withdraw();
    }

    fn may_be_ready(&self, index: usize) -> bool {
        match index.checked_sub(1) {
            None => self.operation.may_be_ready(),
            Some(rest) => self.rest.may_be_ready(rest),
        }
    }

    fn is_polled(&self, index: usize) -> bool {
        match index.checked_sub(1) {
            None => self.operation.is_polled(),
            Some(rest) => self.rest.is_polled(rest),
        }
    }

    fn seen(&self, index: usize) -> Option<Seen> {
        match index.checked_sub(1) {
            None => self.operation.seen(),
            Some(rest) => self.rest.seen(rest),
        }
    }

    fn at(&self) -> At {
        let at = self.operation.at();
        if at.is_unknown() { self.rest.at() } else { at }
    }

    fn has_default(&self) -> bool {
        self.rest.has_default()
    }

    fn default(&self) -> Option<Self::Output> {
        self.rest.default().map(Choice::Other)
    }
}

impl Arms for End {
    type Output = Infallible;

    fn count(&self) -> usize {
        0
    }

    fn attempt(self: Pin<&mut Self>, _: usize, _: &mut Attempt<'_, '_>) -> Attempted<Infallible> {
        Attempted::Idle
    }

    fn collect(self: Pin<&mut Self>, _: usize) -> Poll<Infallible> {
        Poll::Pending
    }

    fn withdraw(self: Pin<&mut Self>) {}

    fn may_be_ready(&self, _: usize) -> bool {
        false
    }

    fn is_polled(&self, _: usize) -> bool {
        false
    }

    fn seen(&self, _: usize) -> Option<Seen> {
        None
    }

    fn default(&self) -> Option<Infallible> {
        None
    }
}

impl Arms for OrDefault {
    type Output = ();

    fn count(&self) -> usize {
        0
    }

    fn attempt(self: Pin<&mut Self>, _: usize, _: &mut Attempt<'_, '_>) -> Attempted<()> {
        Attempted::Idle
    }

    fn collect(self: Pin<&mut Self>, _: usize) -> Poll<()> {
        Poll::Pending
    }

    fn withdraw(self: Pin<&mut Self>) {}

    fn may_be_ready(&self, _: usize) -> bool {
        false
    }

    fn is_polled(&self, _: usize) -> bool {
        false
    }

    fn seen(&self, _: usize) -> Option<Seen> {
        None
    }

    fn has_default(&self) -> bool {
        true
    }

    fn default(&self) -> Option<()> {
        Some(())
    }
}
