//! Failures of handlers are never silent: a warning at most once a second, and a hook for each.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::runtime::hook::Hook;
use crate::runtime::place::Line;
use crate::runtime::sync::lock;
use crate::runtime::time::now;

/// A handler of a server that failed: it returned an error, or exceeded its time limit. See [`on_failed_handler`].
///
/// A handler that panics is reported as a panicking task, to
/// [`task::on_unobserved_panic`](crate::task::on_unobserved_panic).
#[derive(Clone, Debug)]
pub struct FailedHandler {
    error: String,
    peer: Option<SocketAddr>,
    served_at: Line,
}

impl FailedHandler {
    /// Returns the text of the handler's error.
    pub fn message(&self) -> &str {
        &self.error
    }

    /// Returns the address of the client; `None` on a Unix socket, or if the client had gone by then.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Returns the line that started the server.
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

/// Sets the hook that is called with every handler that fails, on every server. It replaces the hook set before.
///
/// It is called in addition to the warnings through `tracing`, at most one a second from each server. It runs on an
/// async worker and must not block; a panic in it is caught.
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

/// Reports the failures of one server.
#[derive(Debug)]
pub(in crate::net) struct Failures {
    served_at: Line,
    warned: Mutex<Warned>,
}

#[derive(Debug, Default)]
struct Warned {
    last: Option<Instant>,
    /// Failures since then, without a warning.
    left_out: u64,
}

impl Warned {
    /// Returns how many warnings were left out before this one; `None` if this one is left out too.
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
            // The panic hook has printed it. If dropping a payload panics, the second payload is not dropped.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
        }
    }
}
