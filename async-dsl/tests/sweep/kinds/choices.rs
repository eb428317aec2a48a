//! Choices: `alts` and `alt!`.

use std::sync::Arc;
use std::task::Poll;

use async_dsl::alt::TakerSet;
use async_dsl::chan::TryPutError;
use async_dsl::prelude::*;
use shuttle::future::block_on;
use shuttle::thread;

use super::{FAR_PUT, FAR_TAKE, Kind, PUT, TAKE, TENDED};
use crate::book::{Ready, Value};
use crate::world::{At, Far, Near, Op, moved, once};

pub(super) const KINDS: &[Kind] = &[
    Kind::new("alts_take", TAKE, alts_take),
    Kind::new("alts_takes", TAKE | FAR_TAKE, alts_takes),
    Kind::new("alts_moved", TAKE | FAR_TAKE, |op| {
        let _taking = [op.taking(Near), op.taking(Far)];
        let takes = [op.taker(Near).take(), op.taker(Far).take()];
        let (index, value) = moved(alts(takes)).unwrap();
        op.took(at(index), value);
    }),
    Kind::new("alts_takes_dropped", TAKE | FAR_TAKE, alts_takes_dropped),
    Kind::new("alts_one_channel", TAKE, alts_one_channel),
    Kind::new("set_takes", TAKE | FAR_TAKE, set_takes),
    Kind::new("set_takes_dropped", TAKE | FAR_TAKE, set_takes_dropped),
    Kind::new("alts_reserves", PUT | FAR_PUT, alts_reserves),
    Kind::new(
        "alts_reserves_dropped",
        PUT | FAR_PUT,
        alts_reserves_dropped,
    ),
    Kind::new("alt_put_take", PUT | FAR_TAKE, |op| {
        block_on(alt_put_take(op, Far));
    }),
    Kind::new("alt_put_take_one_channel", PUT | TAKE | TENDED, |op| {
        block_on(alt_put_take(op, Near));
    }),
    Kind::new("default_takes", TAKE | FAR_TAKE, |op| {
        block_on(default_takes(op));
    }),
    Kind::new("default_put_take", PUT | FAR_TAKE, |op| {
        block_on(default_put_take(op));
    }),
    Kind::new("put_there_take_here", FAR_PUT | TAKE, put_there_take_here),
];

fn at(index: usize) -> At {
    [Near, Far][index]
}

fn alts_take(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let (_, value) = block_on(alts([op.taker(Near).take()])).unwrap();
    op.took(Near, value);
}

fn alts_takes(op: &Arc<Op>) {
    let _taking = [op.taking(Near), op.taking(Far)];
    let takes = [op.taker(Near).take(), op.taker(Far).take()];
    let (index, value) = block_on(alts(takes)).unwrap();
    op.took(at(index), value);
}

fn alts_takes_dropped(op: &Arc<Op>) {
    let _taking = [op.taking(Near), op.taking(Far)];
    let mut takes = Box::pin(alts([op.taker(Near).take(), op.taker(Far).take()]));
    let polled = once(&mut takes);
    took_or_gives_up(op, polled.map(Result::unwrap));
}

/// A choice was polled once. It is dropped next, when others have had their turns.
fn took_or_gives_up(op: &Op, polled: Poll<(usize, Option<Value>)>) {
    match polled {
        Poll::Ready((index, value)) => op.took(at(index), value),
        Poll::Pending => {
            thread::yield_now();
            op.gave_up(Near);
            op.gave_up(Far);
        }
    }
}

fn alts_one_channel(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let takes = [op.taker(Near).take(), op.taker(Near).take()];
    let (_, value) = block_on(alts(takes)).unwrap();
    op.took(Near, value);
}

/// Two rounds of a set, with a pause in which it is away.
fn set_takes(op: &Arc<Op>) {
    let mut set = set(op);
    for _ in 0..2 {
        let _taking = [op.taking(Near), op.taking(Far)];
        if let Some((index, value)) = block_on(set.take()) {
            op.took(at(index), value);
        }
        thread::yield_now();
    }
}

/// A round that is given up, and another.
fn set_takes_dropped(op: &Arc<Op>) {
    let mut set = set(op);
    let _taking = [op.taking(Near), op.taking(Far)];
    let mut take = set.take();
    let polled = once(&mut take);
    took_or_gives_up(op, polled.map(Option::unwrap));
    drop(take);
    if let Some((index, value)) = block_on(set.take()) {
        op.took(at(index), value);
    }
}

fn set(op: &Op) -> TakerSet<Value> {
    TakerSet::new([op.taker(Near).clone(), op.taker(Far).clone()])
}

fn alts_reserves(op: &Arc<Op>) {
    let _reserving = [op.reserving(Near), op.reserving(Far)];
    let reserves = [op.putter(Near).reserve(), op.putter(Far).reserve()];
    let (index, permit) = block_on(alts(reserves)).unwrap();
    thread::yield_now();
    op.redeem(at(index), permit);
}

fn alts_reserves_dropped(op: &Arc<Op>) {
    let _reserving = [op.reserving(Near), op.reserving(Far)];
    let mut reserves = Box::pin(alts([op.putter(Near).reserve(), op.putter(Far).reserve()]));
    match once(&mut reserves) {
        Poll::Ready(won) => {
            let (index, permit) = won.unwrap();
            op.redeem(at(index), permit);
        }
        Poll::Pending => {
            thread::yield_now();
            drop(reserves);
        }
    }
}

#[linear]
async fn alt_put_take(op: &Op, from: At) {
    let _reserving = op.reserving(Near);
    let _taking = op.taking(from);
    let id;
    alt! {
        sent = put!(op.putter(Near), {
            let value = op.value_by_permit(Near);
            id = value.id;
            value
        }) => op.put(id, sent.map_err(|Closed(value)| value)),
        value = take!(op.taker(from)) => op.took(from, value),
    }
}

#[linear]
async fn default_takes(op: &Op) {
    let _taking = [op.taking(Near), op.taking(Far)];
    let watch = op
        .book()
        .watch([Ready::Take(op.channel(Near)), Ready::Take(op.channel(Far))]);
    let mut default_won = false;
    alt! {
        value = take!(op.taker(Near)) => op.took(Near, value),
        value = take!(op.taker(Far)) => op.took(Far, value),
        default => default_won = true,
    }
    op.book().unwatch(watch, default_won);
}

#[linear]
async fn default_put_take(op: &Op) {
    let _reserving = op.reserving(Near);
    let _taking = op.taking(Far);
    let watch = op
        .book()
        .watch([Ready::Put(op.channel(Near)), Ready::Take(op.channel(Far))]);
    let mut default_won = false;
    let id;
    alt! {
        sent = put!(op.putter(Near), {
            let value = op.value_by_permit(Near);
            id = value.id;
            value
        }) => op.put(id, sent.map_err(|Closed(value)| value)),
        value = take!(op.taker(Far)) => op.took(Far, value),
        default => default_won = true,
    }
    op.book().unwatch(watch, default_won);
}

/// First the one, then the other, so that a value is here or there all the time.
fn put_there_take_here(op: &Arc<Op>) {
    let value = op.value(Far);
    let id = value.id;
    let sent = op.putter(Far).try_put(value);
    op.put(id, sent.map_err(TryPutError::into_inner));
    let _taking = op.taking(Near);
    if let Ok(value) = op.taker(Near).try_take() {
        op.took(Near, Some(value));
    }
}
