//! Waiting for an agent to settle.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use super::core::Core;
use super::error::AgentError;
use super::held;
use crate::inspect::{self, At, On};
use crate::scheduler::budget;

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
                        inspect::note(self.at, On::Agent(self.core.made_at));
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

/// The error of an action that waits for its own agent.
fn own_action<S>(core: &Arc<Core<S>>) -> Option<AgentError> {
    held::own_action(core.id()).map(|sent_at| AgentError::WaitsForItself { sent_at })
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

/// A wait's place: how many actions it waits for, and its turn among those that wait for as many.
pub(super) type SettleKey = (u64, u64);

/// Who waits for an agent to settle, in the order of how many actions they wait for.
#[derive(Default)]
pub(super) struct Settling {
    waits: BTreeMap<SettleKey, Entry>,
    added: u64,
}

#[derive(Default)]
struct Entry {
    waker: Option<Waker>,
    answer: Option<Result<(), AgentError>>,
}

pub(super) enum Look {
    Over(Result<(), AgentError>),
    SameWaker,
    OtherWaker,
}

impl Settling {
    /// Adds a wait for the first `sent` actions to be over.
    pub(super) fn add(&mut self, sent: u64) -> SettleKey {
        self.added += 1;
        let key = (sent, self.added);
        self.waits.insert(key, Entry::default());
        key
    }

    /// The first `done` actions are over: gives those to wake.
    pub(super) fn finish(&mut self, done: u64) -> Vec<Waker> {
        let over = self.waits.range_mut((done, 0)..=(done, u64::MAX));
        over.filter_map(|(_, entry)| entry.set(Ok(()))).collect()
    }

    /// What is not over will not be: gives those to wake.
    pub(super) fn fail(&mut self, error: &AgentError) -> Vec<Waker> {
        let left = self.waits.values_mut();
        left.filter_map(|entry| entry.set(Err(error.clone())))
            .collect()
    }

    fn look(&self, key: SettleKey, waker: &Waker) -> Look {
        match self.waits.get(&key) {
            Some(Entry {
                answer: Some(answer),
                ..
            }) => Look::Over(answer.clone()),
            Some(Entry {
                waker: Some(known), ..
            }) if known.will_wake(waker) => Look::SameWaker,
            _ => Look::OtherWaker,
        }
    }

    /// Leaves the waker that is not needed any more in `waker`, to be dropped; gives the answer if it has come.
    fn set_waker(
        &mut self,
        key: SettleKey,
        waker: &mut Option<Waker>,
    ) -> Option<Result<(), AgentError>> {
        let entry = self.waits.get_mut(&key)?;
        if entry.answer.is_none() {
            mem::swap(&mut entry.waker, waker);
        }
        entry.answer.clone()
    }
}

impl Entry {
    fn set(&mut self, answer: Result<(), AgentError>) -> Option<Waker> {
        if self.answer.is_some() {
            return None;
        }
        self.answer = Some(answer);
        self.waker.take()
    }
}
