//! What the tasks of this module have in common: how one that waits for its input learns that nobody takes from its output any
//! more.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::chan::{Closed, Gone, Putter, Source, Taker};
use crate::runtime::place::{At, Line};
use crate::runtime::time::Sleep;

/// What ends the wait of a stage for its input.
pub(super) trait Stop {
    /// Asked before each take: the stage then leaves the value where it is.
    fn is_stopped(&self) -> bool;

    /// Polled only where the stage parks, so that it costs nothing while there are values.
    fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

impl<T> Stop for Gone<T> {
    fn is_stopped(&self) -> bool {
        self.is_gone()
    }

    fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(cx)
    }
}

/// Ends a wait with the time.
pub(super) struct Within<'a, T> {
    gone: &'a mut Gone<T>,
    time: Sleep,
    pub(super) is_over: bool,
}

impl<'a, T> Within<'a, T> {
    pub(super) fn new(gone: &'a mut Gone<T>, time: Duration, at: Line) -> Self {
        let time = Sleep::new(time, At::line(at));
        Self {
            gone,
            time,
            is_over: false,
        }
    }
}

impl<T> Stop for Within<'_, T> {
    fn is_stopped(&self) -> bool {
        self.gone.is_gone()
    }

    fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.time.poll_elapsed(cx).is_ready() {
            self.is_over = true;
            return Poll::Ready(());
        }
        self.gone.poll(cx)
    }
}

/// What a stage has in hand while it waits for more. If it is dropped before it is put, it counts as discarded on the output.
pub(super) struct InHand<'a, T> {
    value: Option<T>,
    out: &'a Putter<T>,
}

impl<'a, T> InHand<'a, T> {
    pub(super) const fn new(value: T, out: &'a Putter<T>) -> Self {
        let value = Some(value);
        Self { value, out }
    }

    pub(super) const fn get(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// Puts it, as [`put`] does.
    pub(super) async fn put(mut self, at: Line) -> Result<(), ()> {
        match self.value.take() {
            Some(value) => put(self.out, value, at).await,
            None => Ok(()),
        }
    }
}

impl<T> Drop for InHand<'_, T> {
    fn drop(&mut self) {
        if self.value.is_some() {
            self.out.count_discarded(1);
        }
    }
}

/// What a stage finds at its input.
pub(super) enum Next<T> {
    Value(T),
    /// The input has ended.
    Ended,
    Stop,
}

/// Polls until that is ready. Returns `None` if the stage is stopped first.
pub(super) async fn unless_stopped<R>(
    stop: &mut impl Stop,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<R>,
) -> Option<R> {
    poll_fn(|cx| {
        if stop.is_stopped() {
            return Poll::Ready(None);
        }
        match poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => stop.poll_stop(cx).map(|()| None),
        }
    })
    .await
}

/// Takes the next value, unless it is stopped first.
pub(super) async fn next<T>(from: &Taker<T>, at: Line, stop: &mut impl Stop) -> Next<T> {
    let mut take = pin!(from.take_operation(At::line(at)));
    match unless_stopped(stop, |cx| take.as_mut().poll(cx)).await {
        Some(Some(value)) => Next::Value(value),
        Some(None) => Next::Ended,
        None => Next::Stop,
    }
}

/// Puts a value into the output. One that nobody takes any more counts as discarded; then the stage has to stop. So does one
/// whose stage is dropped meanwhile.
pub(super) async fn put<T>(out: &Putter<T>, value: T, at: Line) -> Result<(), ()> {
    let put = out.put_counted(value, At::line(at)).await;
    put.map_err(|Closed(_)| out.count_discarded(1))
}
