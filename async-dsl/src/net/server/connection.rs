//! The task of one connection.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use super::Outcome;
use super::counters::count;
use super::shared::{Shared, link};
use crate::net::link::Link;
use crate::net::slots::Slot;
use crate::net::transport::Transport;
use crate::net::{Conn, Error, Limit};
use crate::runtime::running;
use crate::runtime::time::timeout;

/// Starts the handler of a connection, in a task that the server can cancel.
pub(super) fn start<F, Fut>(
    transport: Box<dyn Transport>,
    slot: Slot,
    shared: &Arc<Shared>,
    handler: F,
) where
    F: FnOnce(Conn) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    let link = link(transport, slot, shared);
    let peer = link.transport.peer_addr().ok();
    let key = shared.registry.enter(&link);
    let ending = Ending {
        shared: Arc::clone(shared),
        link: Arc::downgrade(&link),
        key,
    };
    let conn = Conn::new(link);
    count(&shared.slots.tally.accepted);
    let task = running::current().spawn(run(conn, peer, handler, ending), shared.at);
    shared.registry.started(key, task);
}

async fn run<F, Fut>(conn: Conn, peer: Option<SocketAddr>, handler: F, ending: Ending)
where
    F: FnOnce(Conn) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    let slots = &ending.shared.slots;
    let tally = &slots.tally;
    let handling = async { handler(conn).await };
    let outcome = match ending.shared.options.handler {
        None => Ok(handling.await),
        Some(limit) => timeout(limit, handling).await,
    };
    let Ok(outcome) = outcome else {
        count(&tally.slow_handlers);
        ending.cut(Error::Handler);
        slots
            .failures
            .tell(Error::Elapsed(Limit::Handler).to_string(), peer);
        return;
    };
    if let Some(error) = outcome.into_error() {
        count(&tally.failed_handlers);
        slots.failures.tell(error, peer);
    }
}

/// Runs when the handler is gone: returned, cancelled or panicked.
struct Ending {
    shared: Arc<Shared>,
    link: Weak<Link>,
    key: usize,
}

impl Ending {
    /// Ends the connection for any other handle to it. Without handles it closes in order, by itself.
    fn cut(&self, error: Error) {
        if let Some(link) = self.link.upgrade() {
            if !link.is_dropped() {
                link.abort(error);
            }
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if std::thread::panicking() {
            count(&self.shared.slots.tally.panicked_handlers);
            self.cut(Error::Handler);
        }
        self.shared.registry.leave(self.key);
    }
}
