//! Awaiting a promise through a reference.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::waiters::Key;
use super::{Broken, Promise};
use crate::runtime::budget;
use crate::runtime::explore::Go;

/// The future of `(&promise).await`, and of an `await!(promise)` arm of `alt!`.
///
/// **Parks** until the value is delivered or the last resolver is dropped. **Dropping** it loses nothing: it leaves no
/// waiter behind, and the promise as it was.
///
/// # Examples
///
/// ```
/// use async_dsl::promise::promise;
/// use futures_lite::future::block_on;
///
/// let (resolver, promise) = promise();
/// resolver.deliver(322);
/// block_on(async {
///     assert_eq!((&promise).await.unwrap(), 322);
///     assert_eq!((&promise).await.unwrap(), 322);
/// });
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Wait<'a, T> {
    promise: &'a Promise<T>,
    key: Key,
    /// Whether each poll takes from the task's cooperative budget.
    counted: bool,
}

impl<'a, T> Wait<'a, T> {
    pub(super) fn counted(promise: &'a Promise<T>) -> Self {
        let counted = true;
        Self {
            promise,
            key: Key::NONE,
            counted,
        }
    }

    pub(super) fn uncounted(promise: &'a Promise<T>) -> Self {
        let counted = false;
        Self {
            promise,
            key: Key::NONE,
            counted,
        }
    }
}

impl<T> Future for Wait<'_, T> {
    type Output = Result<T, Broken>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let promise = self.promise;
        let go = if self.counted {
            ready!(budget::poll_go(cx))
        } else {
            Go::Again
        };
        if go != Go::Free && promise.shared.object.is_explored() {
            ready!(promise.shared.poll_explored(self.counted, go, cx));
        }
        promise.shared.poll(&mut self.key, cx)
    }
}

impl<T> Drop for Wait<'_, T> {
    fn drop(&mut self) {
        self.promise.shared.remove_waiter(self.key);
    }
}

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.promise.shared.fmt("Wait", f)
    }
}
