//! Taking from a queue.

use super::link::{Failure, failure};
use futures_core::Stream;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicRejectOptions};
use lapin::{Channel, Consumer};
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A channel that takes from one queue.
pub(crate) struct Subscription {
    channel: Channel,
    consumer: Consumer,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("queue", &self.consumer.queue())
            .finish_non_exhaustive()
    }
}

impl Subscription {
    pub(super) fn new(channel: Channel, consumer: Consumer) -> Self {
        Self { channel, consumer }
    }

    /// Returns the next delivery, or why there is none any more: the connection is lost, or the queue was deleted.
    pub(crate) fn poll_delivery(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Delivery, Failure>> {
        Pin::new(&mut self.consumer)
            .poll_next(cx)
            .map(|next| match next {
                Some(Ok(delivery)) => Ok(delivery),
                Some(Err(error)) => Err(failure(&error)),
                None => Err(Failure::Lost(String::from(
                    "the broker ended the subscription",
                ))),
            })
    }

    /// Acknowledges the delivery `tag`, or all up to it.
    pub(crate) fn ack(&self, tag: u64, multiple: bool) -> Result<(), Failure> {
        handed_over(self.channel.basic_ack(tag, BasicAckOptions { multiple }))
    }

    /// Gives the delivery `tag` back, or, without `again`, to the dead letters of its queue.
    pub(crate) fn reject(&self, tag: u64, again: bool) -> Result<(), Failure> {
        handed_over(
            self.channel
                .basic_reject(tag, BasicRejectOptions { requeue: again }),
        )
    }
}

/// Polls once, which is when `lapin` hands a frame over. That it is written is not waited for: if the connection ends first, the
/// delivery comes again, and that we learn from the subscription.
fn handed_over(sending: impl Future<Output = lapin::Result<()>>) -> Result<(), Failure> {
    match pin!(sending).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Err(error)) => Err(failure(&error)),
        Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
    }
}
