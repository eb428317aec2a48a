//! Operations with a time limit: of no time, which is over when it is first looked at, and of a tick of the clock.

use std::sync::Arc;
use std::time::Duration;

use async_dsl::chan::PutError;
use async_dsl::prelude::*;
use shuttle::future::block_on;

use super::{Kind, PUT, SCHEDULER, TAKE};
use crate::world::{Near, Op, TICK};

pub(super) const KINDS: &[Kind] = &[
    Kind::new("take_for_nothing", TAKE, |op| {
        let taking = op.taking(Near);
        if let Ok(value) = block_on(op.taker(Near).take_for(Duration::ZERO)) {
            op.took(Near, value);
        }
        drop(taking);
    }),
    Kind::new("put_for_nothing", PUT, |op| {
        let value = op.value(Near);
        let id = value.id;
        let sent = block_on(op.putter(Near).put_for(value, Duration::ZERO));
        op.put(id, sent.map_err(PutError::into_inner));
    }),
    Kind::new("take_for_a_tick", TAKE | SCHEDULER, take_for),
    Kind::new("put_for_a_tick", PUT | SCHEDULER, put_for),
    Kind::new("alt_take_sleep", TAKE, |op| block_on(alt_take_sleep(op))),
];

fn take_for(op: &Arc<Op>) {
    let _taking = op.taking(Near);
    let take = op.scheduler().enter(|| op.taker(Near).take_for(TICK));
    if let Ok(value) = block_on(take) {
        op.took(Near, value);
    }
}

fn put_for(op: &Arc<Op>) {
    let value = op.value(Near);
    let id = value.id;
    let put = op
        .scheduler()
        .enter(|| op.putter(Near).put_for(value, TICK));
    op.put(id, block_on(put).map_err(PutError::into_inner));
}

#[linear]
async fn alt_take_sleep(op: &Op) {
    let _taking = op.taking(Near);
    alt! {
        value = take!(op.taker(Near)) => op.took(Near, value),
        sleep!(0ms) => {}
    }
}
