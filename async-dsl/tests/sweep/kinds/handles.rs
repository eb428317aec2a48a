//! The ends of a channel as streams and sinks.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_dsl::prelude::*;
use futures_core::Stream;
use futures_sink::Sink;
use shuttle::future::block_on;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use super::{Kind, PUT, TAKE};
use crate::book::Value;
use crate::world::{Near, Op, once};

pub(super) const KINDS: &[Kind] = &[
    Kind::new("stream_dropped", TAKE, stream_dropped),
    Kind::new("stream_idle", TAKE, stream_idle),
    Kind::new("sink", PUT, sink),
];

fn stream_dropped(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let mut taker = op.taker(Near).clone();
    let first = once(&mut next(&mut taker));
    match first {
        Poll::Ready(value) => op.took(Near, value),
        Poll::Pending => {
            thread::yield_now();
            op.gave_up(Near);
            drop(taker);
        }
    }
}

/// What it is handed while nobody polls it, others may take.
fn stream_idle(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let mut taker = op.taker(Near).clone();
    let first = once(&mut next(&mut taker));
    thread::yield_now();
    op.took(
        Near,
        match first {
            Poll::Ready(value) => value,
            Poll::Pending => block_on(next(&mut taker)),
        },
    );
}

fn next(taker: &mut Taker<Value>) -> impl Future<Output = Option<Value>> + Unpin {
    poll_fn(|cx| Pin::new(&mut *taker).poll_next(cx))
}

/// Made ready, and then used or dropped.
fn sink(op: &Arc<Op>) {
    let _reserving = op.reserving(Near);
    let mut putter = op.putter(Near).clone();
    let ready = Pin::new(&mut putter).poll_ready(&mut Context::from_waker(Waker::noop()));
    thread::yield_now();
    if matches!(ready, Poll::Ready(Ok(()))) && thread_rng().gen_bool(0.5) {
        let value = op.value_by_permit(Near);
        let id = value.id;
        let sent = Pin::new(&mut putter).start_send(value);
        op.put(id, sent.map_err(|Closed(value)| value.unwrap()));
    }
}
