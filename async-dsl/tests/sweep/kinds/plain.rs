//! Puts, takes and reservations, to their end and given up.

use std::sync::Arc;
use std::task::Poll;

use async_dsl::chan::{TryPutError, TryTakeError};
use async_dsl::prelude::*;
use async_dsl::task::join_each;
use shuttle::future::block_on;
use shuttle::thread;

use super::{FAR_TAKE, Kind, PUT, TAKE};
use crate::book::Told;
use crate::world::{Far, Near, Op, moved, once};

pub(super) const KINDS: &[Kind] = &[
    Kind::new("put", PUT, put),
    Kind::new("take", TAKE, take),
    Kind::new("try_put", PUT, try_put),
    Kind::new("try_take", TAKE, try_take),
    Kind::new("put_dropped", PUT, put_dropped),
    Kind::new("take_dropped", TAKE, take_dropped),
    Kind::new("take_moved", TAKE, |op| {
        let taking = op.taking(Near);
        op.took(Near, moved(op.taker(Near).take()));
        drop(taking);
    }),
    Kind::new("put_moved", PUT, |op| {
        let value = op.value(Near);
        let id = value.id;
        let sent = moved(op.putter(Near).put(value));
        op.put(id, sent.map_err(|Closed(value)| value));
    }),
    Kind::new("join_takes", TAKE | FAR_TAKE, |op| {
        let _taking = [op.taking(Near), op.taking(Far)];
        let takes = [op.taker(Near).take(), op.taker(Far).take()];
        for (at, value) in [Near, Far].into_iter().zip(block_on(join_each(takes))) {
            op.took(at, value);
        }
    }),
    Kind::new("reserve", PUT, reserve),
    Kind::new("reserve_dropped", PUT, reserve_dropped),
    Kind::new("permit_dropped", PUT, permit_dropped),
];

fn put(op: &Arc<Op>) {
    let value = op.value(Near);
    let id = value.id;
    let sent = block_on(op.putter(Near).put(value));
    op.put(id, sent.map_err(|Closed(value)| value));
}

fn take(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    op.took(Near, block_on(op.taker(Near).take()));
}

fn try_put(op: &Arc<Op>) {
    let value = op.value(Near);
    let id = value.id;
    let sent = op.putter(Near).try_put(value);
    op.put(id, sent.map_err(TryPutError::into_inner));
}

fn try_take(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    match op.taker(Near).try_take() {
        Ok(value) => op.took(Near, Some(value)),
        Err(TryTakeError::Closed) => op.took(Near, None),
        Err(TryTakeError::Empty) => {}
    }
}

fn put_dropped(op: &Arc<Op>) {
    let value = op.value(Near);
    let id = value.id;
    let mut put = Box::pin(op.putter(Near).put(value));
    match once(&mut put) {
        Poll::Ready(sent) => op.put(id, sent.map_err(|Closed(value)| value)),
        Poll::Pending => {
            thread::yield_now();
            op.book().told(id, Told::GivenUp);
            drop(put);
        }
    }
}

fn take_dropped(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let mut take = Box::pin(op.taker(Near).take());
    match once(&mut take) {
        Poll::Ready(value) => op.took(Near, value),
        Poll::Pending => {
            thread::yield_now();
            op.gave_up(Near);
            drop(take);
        }
    }
}

fn reserve(op: &Arc<Op>) {
    let _reserving = op.reserving(Near);
    let permit = block_on(op.putter(Near).reserve());
    thread::yield_now();
    op.redeem(Near, permit);
}

/// Twice, for a taker that meets the one and not the other.
fn reserve_dropped(op: &Arc<Op>) {
    for _ in 0..2 {
        let _reserving = op.reserving(Near);
        let mut reserve = Box::pin(op.putter(Near).reserve());
        if let Poll::Ready(permit) = once(&mut reserve) {
            thread::yield_now();
            op.redeem(Near, permit);
        }
        thread::yield_now();
    }
}

fn permit_dropped(op: &Arc<Op>) {
    let _reserving = op.reserving(Near);
    let permit = block_on(op.putter(Near).reserve());
    thread::yield_now();
    drop(permit);
}
