//! Promises, alone and as arms. The tending thread, or another operation, delivers or breaks them.

use std::sync::Arc;
use std::task::Poll;

use async_dsl::alt::CanLose;
use async_dsl::prelude::*;
use shuttle::future::block_on;
use shuttle::thread;

use super::{Kind, PROMISE, PUT, TAKE};
use crate::world::{Near, Op, once};

pub(super) const KINDS: &[Kind] = &[
    Kind::new("promise", PROMISE, |op| {
        if let Ok(value) = block_on(op.promise().wait()) {
            value.taken();
        }
    }),
    Kind::new("promise_dropped", PROMISE, promise_dropped),
    Kind::new("promise_blocking", PROMISE, |op| {
        if let Ok(value) = op.world.promise().wait_blocking() {
            value.taken();
        }
    }),
    Kind::new("resolve", 0, |op| op.world.resolve()),
    Kind::new("alt_take_promise", TAKE | PROMISE, |op| {
        block_on(alt_take_promise(op));
    }),
    Kind::new("alt_put_promise", PUT | PROMISE, |op| {
        block_on(alt_put_promise(op));
    }),
];

/// Given up, and then awaited.
fn promise_dropped(op: &Arc<Op>) {
    let mut wait = op.promise().wait();
    let mut answer = once(&mut wait);
    thread::yield_now();
    drop(wait);
    if answer.is_pending() {
        answer = Poll::Ready(block_on(op.promise().wait()));
    }
    if let Poll::Ready(Ok(value)) = answer {
        value.taken();
    }
}

#[linear]
async fn alt_take_promise(op: &Op) {
    let _taking = op.taking(Near);
    alt! {
        value = take!(op.taker(Near)) => op.took(Near, value),
        answer = await!(op.promise()) => if let Ok(value) = answer {
            value.taken();
        },
    }
}

#[linear]
async fn alt_put_promise(op: &Op) {
    let _reserving = op.reserving(Near);
    let id;
    alt! {
        sent = put!(op.putter(Near), {
            let value = op.value_by_permit(Near);
            id = value.id;
            value
        }) => op.put(id, sent.map_err(|Closed(value)| value)),
        answer = await!(op.promise()) => if let Ok(value) = answer {
            value.taken();
        },
    }
}
