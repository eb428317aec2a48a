//! The state of a handle between two polls as a stream or a sink.

use std::task::{Context, Poll, ready};

use super::error::Closed;
use super::shared::Shared;
use crate::chan::reserve::ReserveState;
use crate::chan::state::Grant;
use crate::runtime::place::At;

pub(super) type StreamState = crate::chan::take::TakeState;

/// The reservation behind a sink's readiness.
#[derive(Debug)]
pub(super) struct SinkState {
    reserve: ReserveState,
    grant: Option<Grant>,
}

impl SinkState {
    pub(super) const fn new(at: At) -> Self {
        Self {
            reserve: ReserveState::new(at),
            grant: None,
        }
    }

    pub(super) fn withdraw<T>(&mut self, chan: &Shared<T>) {
        self.reserve.withdraw(chan);
        if let Some(grant) = self.grant.take() {
            chan.with(|state, fx| state.forfeit(grant, fx));
        }
    }

    pub(super) fn poll_ready<T>(
        &mut self,
        chan: &Shared<T>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Closed<Option<T>>>> {
        if self.grant.is_none() {
            self.grant = ready!(self.reserve.poll(chan, cx));
        }
        Poll::Ready(match self.grant {
            Some(_) => Ok(()),
            None => Err(Closed(None)),
        })
    }

    pub(super) fn start_send<T>(
        &mut self,
        chan: &Shared<T>,
        value: T,
    ) -> Result<(), Closed<Option<T>>> {
        let grant = self
            .grant
            .take()
            .expect("start_send without a successful poll_ready");
        chan.with(|state, fx| state.redeem(grant, value, fx))
            .map_err(|value| Closed(Some(value)))
    }
}

/// The state of a [`Chan`](super::Chan) as a stream and as a sink.
#[derive(Debug)]
pub(super) struct Polled {
    pub(super) stream: StreamState,
    pub(super) sink: SinkState,
}

impl Polled {
    pub(super) fn withdraw<T>(&mut self, chan: &Shared<T>) {
        self.stream.withdraw(chan);
        self.sink.withdraw(chan);
    }
}
