//! A sleep among the arms of an `alt!`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Sleep;

/// A sleep as an arm of `alt!`. It asks for no budget: a used-up one must not look like a sleep that has not ended.
#[derive(Debug)]
pub struct SleepArm(pub(crate) Sleep);

impl Future for SleepArm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_elapsed(cx)
    }
}
