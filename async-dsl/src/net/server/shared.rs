//! What a server and its connections share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::{fmt, io};

use super::options::Options;
use super::registry::Registry;
use crate::net::link::Link;
use crate::net::slots::{Slot, Slots};
use crate::net::transport::Transport;
use crate::runtime::place::Line;

/// What a handler of a connection returns: nothing, or a `Result` whose error is counted
/// ([`Counters::failed_handlers`](super::Counters::failed_handlers)) and reported to
/// [`on_failed_handler`](super::on_failed_handler).
pub trait Outcome: Send + 'static {
    /// Returns the error, as text.
    fn into_error(self) -> Option<String>;
}

impl Outcome for () {
    fn into_error(self) -> Option<String> {
        None
    }
}

impl<T: Send + 'static, E: fmt::Display + Send + 'static> Outcome for Result<T, E> {
    fn into_error(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}

/// What a server and its connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) slots: Arc<Slots>,
    pub(super) registry: Registry,
    pub(super) options: Options,
    pub(super) pauses: Arc<AtomicU64>,
    pub(super) local_addr: io::Result<SocketAddr>,
    pub(super) at: Line,
}

pub(super) fn link(transport: Box<dyn Transport>, slot: Slot, shared: &Shared) -> Arc<Link> {
    Link::new(
        transport,
        shared.options.limits,
        Some(slot.open()),
        shared.at,
    )
}
