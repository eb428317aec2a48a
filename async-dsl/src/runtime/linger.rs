//! What the drop of a future leaves to be waited for: the tasks of a scope, which a drop can cancel only.
//!
//! Whoever drops a future and can wait afterwards [collects](collect) that, and waits: a task that is cancelled, and a time
//! limit. Elsewhere nothing is collected, and nothing is waited for.

use std::fmt;
use std::task::{Context, Poll};

use super::left::{Then, Wait, Waits};
use super::running::with;

/// What was collected. What is left of it when it is dropped goes to whoever collects then.
pub(crate) struct Lingering(Box<Waits>);

/// Calls `f`, and collects what the drops in it leave. If it panics, they leave nothing.
#[inline]
pub(crate) fn collect(f: impl FnOnce()) -> Option<Lingering> {
    struct Outer(bool, Option<Box<Waits>>);
    impl Outer {
        fn go_back(&mut self) -> Option<Lingering> {
            let left = with(|here| {
                here.collects.set(self.0);
                here.lingering.replace(self.1.take())
            });
            left.map(Lingering)
        }
    }
    impl Drop for Outer {
        fn drop(&mut self) {
            if std::thread::panicking() {
                drop(self.go_back());
            }
        }
    }
    let (outer, left) = with(|here| (here.collects.replace(true), here.lingering.replace(None)));
    let mut outer = Outer(outer, left);
    f();
    outer.go_back()
}

/// Leaves a wait to whoever collects, if there is one.
pub(crate) fn leave(wait: impl FnOnce() -> Wait) {
    if with(|here| here.collects.get()) {
        let wait = wait();
        with(|here| {
            here.lingering
                .with(|left| left.get_or_insert_default().waits.push(wait));
        });
    }
}

/// Calls `then` when all that was left so far is over: now, if nothing was.
pub(crate) fn after(then: impl FnOnce() + Send + 'static) {
    if with(|here| here.lingering.with(|left| left.is_none())) {
        return then();
    }
    let then: Then = Box::new(then);
    with(|here| {
        here.lingering
            .with(|left| left.get_or_insert_default().then.push(then));
    });
}

impl Lingering {
    /// Parks until all of it is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0
            .waits
            .retain_mut(|wait| wait.as_mut().poll(cx).is_pending());
        if !self.0.waits.is_empty() {
            return Poll::Pending;
        }
        for then in std::mem::take(&mut self.0.then) {
            then();
        }
        Poll::Ready(())
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        for wait in std::mem::take(&mut self.0.waits) {
            leave(|| wait);
        }
        for then in std::mem::take(&mut self.0.then) {
            after(then);
        }
    }
}

impl fmt::Debug for Lingering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lingering").finish_non_exhaustive()
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;
