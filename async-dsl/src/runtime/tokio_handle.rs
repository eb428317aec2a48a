//! The tokio runtime that the threads of a scheduler enter, with the feature `tokio`.

use std::sync::OnceLock;

use tokio::runtime::{EnterGuard, Handle as Tokio};

use super::handle::Handle;

/// That of the global scheduler: decided when a thread enters that for the first time.
static GLOBAL: OnceLock<Option<Tokio>> = OnceLock::new();

/// Makes the global scheduler enter this tokio runtime: on its workers, on threads that wait in a `block_on`, and in the closures of
/// its `thread!`s. So whatever needs tokio works in `go!`: `tokio::time`, `tokio::net`, `reqwest`, `sqlx`, `tonic`. With the
/// feature `tokio`.
///
/// Tasks of `go!` still run on the workers of this scheduler. Those of `tokio::spawn`, timers and sockets of tokio are driven by the
/// threads of that runtime, which must go on: a current-thread runtime needs a thread in its `block_on`.
/// [`#[async_dsl::main(tokio)]`](macro@crate::main) sees to that.
///
/// A task that is cancelled, dropped or panics does so in the runtime too: a future of tokio may rely on that in its `Drop`. An
/// executor of another scheduler is not concerned, see [`Scheduler::with_tokio`](crate::scheduler::Scheduler::with_tokio).
///
/// # Panics
///
/// If the global scheduler is already in use, or has a tokio runtime.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use std::time::Duration;
///
/// #[tokio::main]
/// async fn main() {
///     async_dsl::scheduler::set_tokio(tokio::runtime::Handle::current());
///     let task = go!({
///         tokio::time::sleep(Duration::from_millis(1)).await;
///         "slept"
///     });
///     assert_eq!(task.await, "slept");
/// }
/// ```
#[track_caller]
pub fn set_tokio(handle: Tokio) {
    assert!(
        GLOBAL.set(Some(handle)).is_ok(),
        "the tokio runtime can't be set any more: the global scheduler is already in use, or has one"
    );
}

impl Handle {
    /// Enters the tokio runtime of this scheduler, if it has one.
    pub(super) fn enter_tokio(&self) -> Option<EnterGuard<'_>> {
        let tokio = match self.tokio() {
            Some(own) => own.get(),
            None => GLOBAL.get_or_init(|| None).as_ref(),
        };
        tokio.map(Tokio::enter)
    }
}
