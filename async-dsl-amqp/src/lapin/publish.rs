//! Publishing with confirms, in order.
//!
//! `lapin` hands a message over on the first poll of its future; dropped after that, the message is sent and its confirm is lost.
//! So each future is polled once, without waking anybody, and kept in line until it is done. Only the head of the line is waited
//! for: to wait for each one would be a switch between threads each.
//!
//! A message that comes back (nobody routes it) is given by `lapin` to whichever confirm is completed next, in no order. Here
//! it is matched by its message id. A confirm that was completed may still be owed its message; it is not, once every message
//! that came back belongs to a confirm that is completed: each completion takes one message from a line, so if one
//! took another's, that other one is not completed yet.

use super::link::{Failure, failure};
use lapin::options::BasicPublishOptions;
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Confirmed,
    /// The broker did not take it: its queue is full, or has no leader.
    Refused,
    /// No queue is there for it.
    Returned,
}

/// What is published, and where.
pub(crate) struct Message {
    /// By which its verdict is known.
    pub(crate) number: u64,
    /// Its `message_id`, unlike those of all others that are in flight.
    pub(crate) id: ShortString,
    pub(crate) exchange: ShortString,
    pub(crate) key: ShortString,
    pub(crate) body: Vec<u8>,
    pub(crate) properties: BasicProperties,
    /// Whether it comes back if no queue is there for it.
    pub(crate) mandatory: bool,
}

/// A channel that publishes.
pub(crate) struct Publisher {
    channel: Channel,
    line: VecDeque<InFlight>,
    /// How many in the line came back. Mostly none.
    returned: usize,
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("in_flight", &self.line.len())
            .finish_non_exhaustive()
    }
}

struct InFlight {
    number: u64,
    id: ShortString,
    returned: bool,
    state: State,
}

enum State {
    /// Handed over, and not written to the socket yet.
    Sending(Pin<Box<dyn Future<Output = lapin::Result<PublisherConfirm>> + Send>>),
    Confirming(PublisherConfirm),
    /// Whether the broker has taken it.
    Done(Result<bool, Failure>),
}

impl Publisher {
    /// `channel` has confirms switched on.
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            channel,
            line: VecDeque::new(),
            returned: 0,
        }
    }

    /// Hands `message` over. Its verdict comes from [`poll_verdict`](Self::poll_verdict).
    pub(crate) fn publish(&mut self, message: Message) {
        let Message {
            number,
            id,
            exchange,
            key,
            body,
            properties,
            mandatory,
        } = message;
        let properties = properties.with_message_id(id.clone());
        let channel = self.channel.clone();
        let sending = async move {
            let options = BasicPublishOptions {
                mandatory,
                immediate: false,
            };
            channel
                .basic_publish(exchange, key, options, &body, properties)
                .await
        };
        let mut message = InFlight {
            number,
            id,
            returned: false,
            state: State::Sending(Box::pin(sending)),
        };
        // Already here the result can be there; and nobody is woken for it before it is the head.
        let back = message.poll(&mut Context::from_waker(Waker::noop()));
        self.line.push_back(message);
        if let Some(back) = back {
            self.came_back(&back);
        }
    }

    /// Returns how many have no verdict yet.
    pub(crate) fn in_flight(&self) -> usize {
        self.line.len()
    }

    /// Returns the verdict of the message that waits longest, or why there will be none any more. Pending while nothing is in flight.
    pub(crate) fn poll_verdict(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(u64, Verdict), Failure>> {
        let Some(head) = self.line.front_mut() else {
            return Poll::Pending;
        };
        if !matches!(head.state, State::Done(_)) {
            let back = head.poll(cx);
            let done = matches!(head.state, State::Done(_));
            if let Some(back) = back {
                self.came_back(&back);
            }
            if !done {
                return Poll::Pending;
            }
            // The head's own message may have been given to any other that is completed by now.
            self.sweep(&mut Context::from_waker(Waker::noop()));
        }
        if self.owes() {
            self.sweep(cx);
            if self.owes() {
                return Poll::Pending;
            }
        }
        let Some(InFlight {
            number,
            returned,
            state: State::Done(result),
            ..
        }) = self.line.pop_front()
        else {
            unreachable!("the head was done");
        };
        self.returned -= usize::from(returned);
        Poll::Ready(result.map(|taken| match (returned, taken) {
            (true, _) => (number, Verdict::Returned),
            (false, true) => (number, Verdict::Confirmed),
            (false, false) => (number, Verdict::Refused),
        }))
    }

    /// Looks at all that are in flight.
    fn sweep(&mut self, cx: &mut Context<'_>) {
        let came: Vec<_> = self
            .line
            .iter_mut()
            .filter_map(|message| message.poll(cx))
            .collect();
        for back in &came {
            self.came_back(back);
        }
    }

    fn came_back(&mut self, id: &ShortString) {
        if let Some(message) = self.line.iter_mut().find(|message| message.id == *id) {
            self.returned += usize::from(!message.returned);
            message.returned = true;
        }
    }

    /// Whether a message came back before its confirm: then another confirm may still be owed its message.
    fn owes(&self) -> bool {
        self.returned > 0
            && self
                .line
                .iter()
                .any(|message| message.returned && !matches!(message.state, State::Done(_)))
    }
}

impl InFlight {
    /// Goes on, and returns the id of a message that came back with this one's confirm: its own, or another's.
    fn poll(&mut self, cx: &mut Context<'_>) -> Option<ShortString> {
        if let State::Sending(sending) = &mut self.state {
            match sending.as_mut().poll(cx) {
                Poll::Ready(Ok(confirm)) => self.state = State::Confirming(confirm),
                Poll::Ready(Err(error)) => self.state = State::Done(Err(failure(&error))),
                Poll::Pending => {}
            }
        }
        let State::Confirming(confirm) = &mut self.state else {
            return None;
        };
        let Poll::Ready(confirmation) = Pin::new(confirm).poll(cx) else {
            return None;
        };
        let taken = confirmation
            .as_ref()
            .map(|it| !it.is_nack())
            .map_err(failure);
        self.state = State::Done(taken);
        confirmation
            .ok()
            .and_then(Confirmation::take_message)
            .and_then(|back| back.delivery.properties.message_id().clone())
    }
}
