//! What an action sends to agents is held until the action has succeeded.

use std::cell::RefCell;
use std::mem;
use std::panic::Location;

use super::sync::thread_local;

thread_local! {
    /// The action being polled on this thread.
    static POLLED: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// The running action a thread works for, and what it sent so far.
pub(crate) struct Scope {
    agent: usize,
    sent_at: &'static Location<'static>,
    held: Vec<Box<dyn HeldSend>>,
}

/// An action for some agent, held back. Dropping it gives its place in that agent's limit back.
pub(crate) trait HeldSend: Send {
    /// Sends it now.
    fn release(self: Box<Self>);
}

impl Scope {
    pub(crate) fn new(agent: usize, sent_at: &'static Location<'static>) -> Self {
        Self {
            agent,
            sent_at,
            held: Vec::new(),
        }
    }

    pub(crate) fn into_held(self) -> Vec<Box<dyn HeldSend>> {
        self.held
    }
}

/// Runs `run` for the action of `scope`.
pub(crate) fn within<T>(scope: &mut Option<Scope>, run: impl FnOnce() -> T) -> T {
    struct Swapped<'a>(&'a mut Option<Scope>);
    impl<'a> Swapped<'a> {
        fn new(scope: &'a mut Option<Scope>) -> Self {
            swap(scope);
            Self(scope)
        }
    }
    impl Drop for Swapped<'_> {
        fn drop(&mut self) {
            swap(self.0);
        }
    }
    // A thread that is ending has no slot any more: what is sent there is sent at once.
    fn swap(scope: &mut Option<Scope>) {
        let _ = POLLED.try_with(|polled| mem::swap(&mut *polled.borrow_mut(), scope));
    }
    let _swapped = Swapped::new(scope);
    run()
}

/// The line that sent the action being polled on this thread.
pub(crate) fn current_action() -> Option<&'static Location<'static>> {
    sent_at(|_| true)
}

/// The line that sent the action being polled, if it is one of `agent`.
pub(crate) fn own_action(agent: usize) -> Option<&'static Location<'static>> {
    sent_at(|scope| scope.agent == agent)
}

fn sent_at(wanted: impl FnOnce(&Scope) -> bool) -> Option<&'static Location<'static>> {
    POLLED
        .try_with(|polled| {
            let polled = polled.borrow();
            let scope = polled.as_ref()?;
            wanted(scope).then_some(scope.sent_at)
        })
        .unwrap_or(None)
}

/// Holds it until the action being polled is done; gives it back if there is none.
pub(crate) fn hold(send: Box<dyn HeldSend>) -> Result<(), Box<dyn HeldSend>> {
    let mut send = Some(send);
    let _ = POLLED.try_with(|polled| {
        if let Some(scope) = &mut *polled.borrow_mut() {
            scope.held.extend(send.take());
        }
    });
    send.map_or(Ok(()), Err)
}
