//! An operation whose output is made into another.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::commit::{Attempt, Attempted, Operation, Seen};
use crate::runtime::place::At;

/// Returns `operation` with an output that `make` makes of its own: for crates that bring channels of their own, of which
/// `take!` and `put!` are arms of `alt!` too.
///
/// Parks where `operation` parks, and loses what that loses if it is dropped: nothing. `make` is called once, by the winner alone,
/// on the thread that polls it, when the operation has happened. It must not fail: a panic of it comes after the commit, and
/// takes the output with it.
///
/// # Examples
///
/// Letters, over a channel of strings. `put!` of one returns how long it was:
///
/// ```
/// use async_dsl::alt::{Mapped, mapped};
/// use async_dsl::chan::{self, Chan, Permit, PutError, Reserve, Source, Take, Target};
/// use async_dsl::inspect::At;
/// use async_dsl::prelude::*;
/// use std::pin::Pin;
/// use std::time::Duration;
///
/// struct Letter(String);
///
/// struct Post(Chan<String>);
///
/// impl Source for Post {
///     type Item = Letter;
///     type Take<'a> = Mapped<Take<'a, String>, fn(Option<String>) -> Option<Letter>>;
///
///     fn take_operation(&self, at: At) -> Self::Take<'_> {
///         mapped(self.0.take_operation(at), |text| text.map(Letter))
///     }
/// }
///
/// /// A place in the post.
/// struct Place(Permit<String>);
///
/// impl Place {
///     /// What an arm `put!(post, letter)` calls when it has won.
///     fn put(self, letter: Letter) -> Option<usize> {
///         let length = letter.0.len();
///         self.0.put(letter.0).ok().map(|()| length)
///     }
/// }
///
/// type Puts<'a> = Pin<Box<dyn Future<Output = Option<usize>> + Send + 'a>>;
///
/// impl Target for Post {
///     type Item = Letter;
///     type Put<'a> = Puts<'a>;
///     type PutFor<'a> = Puts<'a>;
///     type Reserve<'a> = Mapped<Reserve<'a, String>, fn(Permit<String>) -> Place>;
///
///     fn put_operation(&self, letter: Letter, at: At) -> Puts<'_> {
///         let length = letter.0.len();
///         let put = self.0.put_operation(letter.0, at);
///         Box::pin(async move { put.await.ok().map(|()| length) })
///     }
///
///     fn put_for_operation(&self, letter: Letter, limit: Duration, at: At) -> Puts<'_> {
///         let length = letter.0.len();
///         let put = self.0.put_for_operation(letter.0, limit, at);
///         Box::pin(async move { put.await.ok().map(|()| length) })
///     }
///
///     fn reserve_operation(&self, at: At) -> Self::Reserve<'_> {
///         mapped(self.0.reserve_operation(at), Place)
///     }
/// }
///
/// async_dsl::block_on(async_block!({
///     let post = Post(chan::fixed(1));
///     alt! {
///         length = put!(post, Letter("hello".into())) => assert_eq!(length, Some(5)),
///         _ = take!(post) => unreachable!("it is empty"),
///     }
///     assert_eq!(take!(post).unwrap().0, "hello");
/// }));
/// ```
pub fn mapped<O, F, T>(operation: O, make: F) -> Mapped<O, F>
where
    O: Operation,
    F: FnOnce(O::Output) -> T,
{
    Mapped {
        operation,
        make: Some(make),
    }
}

const MADE: &str = "an operation that has happened is not polled again";

pin_project! {
    /// An operation whose output is made into another. Made by [`mapped`].
    #[must_use = "an operation does nothing unless it is awaited, or is an arm of `alt!`"]
    pub struct Mapped<O, F> {
        #[pin]
        operation: O,
        make: Option<F>,
    }
}

impl<O, F, T> Operation for Mapped<O, F>
where
    O: Operation,
    F: FnOnce(O::Output) -> T,
{
    type Output = T;

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<T> {
        let this = self.project();
        let attempted = this.operation.attempt(attempt);
        attempted.map(|output| (this.make.take().expect(MADE))(output))
    }

    fn attempt_unpinned(&mut self) -> Option<Attempted<T>> {
        let attempted = self.operation.attempt_unpinned()?;
        Some(attempted.map(|output| (self.make.take().expect(MADE))(output)))
    }

    fn collect(self: Pin<&mut Self>) -> Poll<T> {
        let this = self.project();
        let collected = this.operation.collect();
        collected.map(|output| (this.make.take().expect(MADE))(output))
    }

    fn withdraw(self: Pin<&mut Self>) {
        self.project().operation.withdraw();
    }

    fn end(self: Pin<&mut Self>) -> Poll<T> {
        let this = self.project();
        let ended = this.operation.end();
        ended.map(|output| (this.make.take().expect(MADE))(output))
    }

    fn may_be_ready(&self) -> bool {
        self.operation.may_be_ready()
    }

    fn is_polled(&self) -> bool {
        self.operation.is_polled()
    }

    fn at(&self) -> At {
        self.operation.at()
    }

    fn seen(&self) -> Option<Seen> {
        self.operation.seen()
    }
}

impl<O, F, T> Future for Mapped<O, F>
where
    O: Operation + Future<Output = <O as Operation>::Output>,
    F: FnOnce(<O as Operation>::Output) -> T,
{
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.project();
        let polled = this.operation.poll(cx);
        polled.map(|output| (this.make.take().expect(MADE))(output))
    }
}

impl<O, F> fmt::Debug for Mapped<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapped").finish_non_exhaustive()
    }
}
