//! Handlers that fail are never silent: a warning now and then, and a hook for each.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::runtime::hook::Hook;
use crate::runtime::place::Line;
use crate::runtime::sync::lock;
use crate::runtime::time::now;

/// A handler of a server that failed: it gave an error, or was not done in the time it had. See [`on_failed_handler`].
///
/// One that panics is a task that panics: that is told to
/// [`task::on_unobserved_panic`](crate::task::on_unobserved_panic).
#[derive(Clone, Debug)]
pub struct FailedHandler {
    error: String,
    peer: Option<SocketAddr>,
    served_at: Line,
}

impl FailedHandler {
    /// What the handler's error says.
    pub fn message(&self) -> &str {
        &self.error
    }

    /// The address of the client; none on a Unix socket, or if the client was gone before it was asked for.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The line that started the server.
    pub fn served_at(&self) -> Line {
        self.served_at
    }
}

impl fmt::Display for FailedHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a handler of the server at {} failed", self.served_at)?;
        if let Some(peer) = self.peer {
            write!(f, " for {peer}")?;
        }
        write!(f, ": {}", self.error)
    }
}

static HOOK: Hook<FailedHandler> = Hook::new();

/// Sets what is told of every handler that fails, on every server. It replaces the hook set before.
///
/// It is called beside the warning through `tracing`, of which each server gives one a second at most. It runs on an async
/// worker and must not block; its own panic is caught.
///
/// # Examples
///
/// ```
/// async_dsl::net::on_failed_handler(|failed| eprintln!("{failed}"));
/// ```
pub fn on_failed_handler(hook: impl Fn(&FailedHandler) + Send + Sync + 'static) {
    HOOK.set(hook);
}

/// The time between two warnings of a server.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells of the failures of one server.
#[derive(Debug)]
pub(in crate::net) struct Failures {
    served_at: Line,
    warned: Mutex<Warned>,
}

#[derive(Debug, Default)]
struct Warned {
    last: Option<Instant>,
    /// Failures since then.
    left_out: u64,
}

impl Warned {
    /// How many warnings were left out before this one, unless it is left out as well.
    fn next(&mut self, now: Instant) -> Option<u64> {
        let too_soon = |last| now.saturating_duration_since(last) < PAUSE;
        if self.last.is_some_and(too_soon) {
            self.left_out += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.left_out))
    }
}

impl Failures {
    pub(in crate::net) fn new(served_at: Line) -> Self {
        Self {
            served_at,
            warned: Mutex::default(),
        }
    }

    pub(in crate::net) fn tell(&self, error: String, peer: Option<SocketAddr>) {
        let failed = FailedHandler {
            error,
            peer,
            served_at: self.served_at,
        };
        let left_out = lock(&self.warned).next(now());
        let told = catch_unwind(AssertUnwindSafe(|| {
            match left_out {
                None => tracing::debug!("{failed}"),
                Some(0) => tracing::warn!("{failed}"),
                Some(more) => tracing::warn!("{failed} (and {more} more since the last warning)"),
            }
            if let Some(hook) = HOOK.get() {
                hook(&failed);
            }
        }));
        if let Err(payload) = told {
            // It was printed by the panic hook. A payload whose drop panics gives another, which is not tried.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
        }
    }
}
