//! The end of a channel.

use std::sync::Arc;

use shuttle::future::block_on;
use shuttle::thread;

use super::{Kind, PUT, TAKE};
use crate::world::{Near, Op};

pub(super) const KINDS: &[Kind] = &[
    Kind::new("close", PUT, close),
    Kind::new("drop", PUT | TAKE, |_| thread::yield_now()),
    Kind::new("permit_kept", PUT, permit_kept),
];

fn close(op: &Arc<Op>) {
    op.putter(Near).close();
    op.book().closed(op.channel(Near));
}

/// E: nobody waits for a permit that is kept, or leaked, after a close.
fn permit_kept(op: &Arc<Op>) {
    let reserving = op.reserving(Near);
    let permit = block_on(op.putter(Near).reserve());
    thread::yield_now();
    close(op);
    op.world.keep(reserving, permit);
}
