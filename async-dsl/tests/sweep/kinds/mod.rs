//! The kinds of operations, of which programs are made.

mod choices;
mod closing;
mod handles;
mod plain;
mod promises;
mod tasks;
mod timed;

use std::sync::Arc;

use crate::world::Op;

/// What a kind uses: ends of its channel and of the far one, a promise, a scheduler or its clock, and an agent.
pub(crate) const PUT: u8 = 1;
pub(crate) const TAKE: u8 = 2;
pub(crate) const FAR_PUT: u8 = 4;
pub(crate) const FAR_TAKE: u8 = 8;
pub(crate) const PROMISE: u8 = 16;
pub(crate) const SCHEDULER: u8 = 32;
pub(crate) const AGENT: u8 = 128;
/// Only the tending thread ends it.
pub(crate) const TENDED: u8 = 64;

pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Arc<Op>),
    uses: u8,
}

impl Kind {
    const fn new(name: &'static str, uses: u8, run: fn(&Arc<Op>)) -> Self {
        Self { name, run, uses }
    }

    pub(crate) fn uses(&self, what: u8) -> bool {
        self.uses & what != 0
    }
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Kind> {
    [
        plain::KINDS,
        choices::KINDS,
        timed::KINDS,
        closing::KINDS,
        handles::KINDS,
        promises::KINDS,
        tasks::KINDS,
    ]
    .into_iter()
    .flatten()
}
