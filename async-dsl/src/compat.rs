//! Futures that need tokio, with the feature `tokio`.
//!
//! A future of `tokio::net`, `tokio::time`, `reqwest`, `sqlx` or `tonic` must be polled, and dropped, in a tokio runtime, or it
//! panics: "there is no reactor running, must be called from the context of a Tokio 1.x runtime". There are three ways:
//!
//! | in the program | what enters a runtime |
//! | --- | --- |
//! | [`#[async_dsl::main(tokio)]`](macro@crate::main) | every `go!`, with a runtime that is made for it |
//! | [`scheduler::set_tokio(handle)`](crate::scheduler::set_tokio) | every `go!`, with a runtime of yours |
//! | [`compat::in_tokio(future)`](in_tokio) | one future, on any thread |
//!
//! The other way round nothing is needed: channels, promises, `alt!` and `Task`s are plain futures, which tokio's tasks await like any
//! other.
//!
//! This feature compiles tokio with its feature `rt` alone. Name tokio among your dependencies, with the features that you use,
//! such as `time` and `net`.

use std::fmt;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;
use tokio::runtime::{Builder, Handle};

pin_project! {
    /// The future of [`in_tokio`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct InTokio<F> {
        #[pin]
        future: Option<F>,
        runtime: Handle,
    }

    impl<F> PinnedDrop for InTokio<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.runtime.enter();
            this.future.set(None);
        }
    }
}

/// Returns the future, polled and dropped in a tokio runtime, whatever polls it. With the feature `tokio`.
///
/// The runtime is the one that this thread is in, of tokio or of the [scheduler](crate::scheduler::set_tokio); else one that all
/// such futures share, with a thread of its own, `async-dsl-tokio`, which the first one starts.
///
/// The output is that of the future, and so is a panic. It parks where the future does. Dropping it drops the future. It is an arm of
/// `alt!` as any future of others: `await!(cancel_safe(…))`.
///
/// It makes futures only: a call that needs the runtime before it returns a future, such as `tokio::spawn`, belongs in an `async` block
/// within. It is `Compat` of the crate `async-compat`.
///
/// # Panics
///
/// If the shared runtime or its thread cannot be started.
///
/// # Examples
///
/// ```
/// use async_dsl::compat::in_tokio;
/// use async_dsl::prelude::*;
/// use std::time::Duration;
///
/// async_dsl::block_on(async {
///     let task = go!({
///         in_tokio(async { tokio::time::sleep(Duration::from_millis(1)).await }).await;
///         "slept"
///     });
///     assert_eq!(task.await, "slept");
/// });
/// ```
pub fn in_tokio<F: IntoFuture>(future: F) -> InTokio<F::IntoFuture> {
    let runtime = Handle::try_current().unwrap_or_else(|_| shared());
    let future = {
        let _entered = runtime.enter();
        Some(future.into_future())
    };
    InTokio { future, runtime }
}

impl<F: Future> Future for InTokio<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.runtime.enter();
        match this.future.as_pin_mut() {
            Some(future) => future.poll(cx),
            None => unreachable!("only dropping takes the future"),
        }
    }
}

impl<F> fmt::Debug for InTokio<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InTokio").finish_non_exhaustive()
    }
}

/// `#[async_dsl::main(tokio)]`.
///
/// # Panics
///
/// As [`set_tokio`](crate::scheduler::set_tokio), and if the runtime or its thread cannot be started.
#[track_caller]
#[doc(hidden)]
pub fn start_tokio() {
    crate::scheduler::set_tokio(shared());
}

/// The runtime of whoever has none.
fn shared() -> Handle {
    static SHARED: OnceLock<Handle> = OnceLock::new();
    let start = || {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap_or_else(|error| panic!("no tokio runtime starts: {error}"));
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new().name("async-dsl-tokio".to_owned());
        if let Err(error) = thread.spawn(move || runtime.block_on(pending::<()>())) {
            panic!("no thread can drive a tokio runtime: {error}");
        }
        handle
    };
    SHARED.get_or_init(start).clone()
}
