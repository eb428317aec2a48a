//! Waiting for an agent to settle.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use super::error::AgentError;
use super::settling::Look;
use crate::agent::settling::SettleKey;
use crate::agent::shared::Core;
use crate::runtime::note::{self, On};
use crate::runtime::place::At;
use crate::runtime::{budget, running};

/// The future of [`Agent::settled`](super::Agent::settled).
#[must_use = "futures do nothing unless awaited"]
pub struct Settled<S> {
    core: Arc<Core<S>>,
    wait: Wait,
    at: At,
}

enum Wait {
    Registered(SettleKey),
    Over(Result<(), AgentError>),
    Given,
}

impl<S> Settled<S> {
    pub(super) fn new(core: Arc<Core<S>>, at: At) -> Self {
        let wait = match own_action(&core) {
            Some(error) => Wait::Over(Err(error)),
            None => match core.start_settling() {
                Ok(key) => Wait::Registered(key),
                Err(answer) => Wait::Over(answer),
            },
        };
        Self { core, wait, at }
    }

    pub(super) fn poll_settled(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), AgentError>> {
        if let Wait::Registered(key) = self.wait {
            let own = own_action(&self.core);
            let answer = match poll_registered(&self.core, key, cx) {
                Poll::Ready(answer) => answer,
                Poll::Pending => {
                    let Some(error) = own else {
                        note::note(self.at, On::Agent(self.core.made_at));
                        return Poll::Pending;
                    };
                    Err(error)
                }
            };
            self.unregister();
            self.wait = Wait::Over(answer);
        }
        match mem::replace(&mut self.wait, Wait::Given) {
            Wait::Over(answer) => Poll::Ready(answer),
            Wait::Registered(_) | Wait::Given => {
                panic!("a wait for an agent to settle was polled after it was over")
            }
        }
    }

    fn unregister(&mut self) {
        if let Wait::Registered(key) = self.wait {
            let entry = self
                .core
                .with_settling(|settling| settling.waits.remove(&key));
            drop(entry);
        }
    }
}

/// Returns the error of an action that waits for its own agent.
fn own_action<S>(core: &Arc<Core<S>>) -> Option<AgentError> {
    running::own_action(core.id()).map(|sent_at| AgentError::WaitsForItself { sent_at })
}

fn poll_registered<S>(
    core: &Core<S>,
    key: SettleKey,
    cx: &mut Context<'_>,
) -> Poll<Result<(), AgentError>> {
    let known = core.with_settling(|settling| settling.look(key, cx.waker()));
    match known {
        Look::Over(answer) => return Poll::Ready(answer),
        Look::SameWaker => return Poll::Pending,
        Look::OtherWaker => {}
    }
    // Cloned, and the old one dropped, outside the lock.
    let mut waker = Some(cx.waker().clone());
    let answer = core.with_settling(|settling| settling.set_waker(key, &mut waker));
    drop(waker);
    answer.map_or(Poll::Pending, Poll::Ready)
}

impl<S> Future for Settled<S> {
    type Output = Result<(), AgentError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_settled(cx)
    }
}

impl<S> Drop for Settled<S> {
    fn drop(&mut self) {
        self.unregister();
    }
}

impl<S> fmt::Debug for Settled<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settled").finish_non_exhaustive()
    }
}
