//! Failures are never silent: they reach a process-wide hook.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;

use super::error::AgentError;
use crate::runtime::hook::Hook;
use crate::runtime::task::error::panic_text;

static HOOK: Hook<AgentError> = Hook::new();

/// Sets the hook that is called with every failed action of every agent, whatever its [`ErrorMode`](super::ErrorMode).
///
/// Until one is set, a failure is one line on standard error. It is a `tracing` event of level `ERROR` either way. The
/// hook runs on the thread that ran the action, before waiters for the agent are woken; a panic in it is caught.
///
/// # Examples
///
/// ```
/// async_dsl::agent::on_failure(|error| eprintln!("an agent failed: {error}"));
/// ```
pub fn on_failure(hook: impl Fn(&AgentError) + Send + Sync + 'static) {
    HOOK.set(hook);
}

/// Reports a failed action.
pub(super) fn failure(error: &AgentError) {
    let hook = HOOK.get();
    let told = catch_unwind(AssertUnwindSafe(|| {
        tracing::error!(target: "async_dsl::agent", "{error}");
        match hook {
            Some(hook) => hook(error),
            None => eprintln!("async-dsl: {error}"),
        }
    }));
    if let Err(payload) = told {
        // The panic hook has printed it; there is nowhere else to report it.
        message(payload);
    }
}

/// Reports panics that are not the failure of the action itself, such as those of a `Drop`.
pub(super) fn panics(
    payloads: impl IntoIterator<Item = Box<dyn Any + Send>>,
    sent_at: &'static Location<'static>,
) {
    for payload in payloads {
        failure(&AgentError::Panicked {
            message: message(payload),
            sent_at,
        });
    }
}

/// Returns the message of a panic.
pub(super) fn message(payload: Box<dyn Any + Send>) -> Arc<str> {
    let message = Arc::from(panic_text(&*payload));
    // Dropping a payload may panic; the second payload is not dropped.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(second);
    }
    message
}
