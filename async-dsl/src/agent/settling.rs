//! The waits for an agent to settle.

use std::collections::BTreeMap;
use std::mem;
use std::task::Waker;

use super::error::AgentError;

/// The key of a wait: how many actions it waits for, and its order among the waits for as many.
pub(super) type SettleKey = (u64, u64);

/// The waits for an agent to settle, in the order of how many actions they wait for.
pub(super) struct Settling {
    pub(super) waits: BTreeMap<SettleKey, Entry>,
    added: u64,
    /// No wait that has no answer is for as few: most actions end without anybody to wake.
    least: u64,
}

#[derive(Default)]
pub(super) struct Entry {
    waker: Option<Waker>,
    answer: Option<Result<(), AgentError>>,
}

pub(super) enum Look {
    Over(Result<(), AgentError>),
    SameWaker,
    OtherWaker,
}

impl Default for Settling {
    fn default() -> Self {
        Self {
            waits: BTreeMap::new(),
            added: 0,
            least: u64::MAX,
        }
    }
}

impl Settling {
    /// Adds a wait for the first `sent` actions to be over.
    pub(super) fn add(&mut self, sent: u64) -> SettleKey {
        self.added += 1;
        let key = (sent, self.added);
        self.least = self.least.min(sent);
        self.waits.insert(key, Entry::default());
        key
    }

    /// To be called when the first `done` actions are over. Returns the wakers to wake.
    pub(super) fn finish(&mut self, done: u64) -> Vec<Waker> {
        if done < self.least {
            return Vec::new();
        }
        let over = self.waits.range_mut((done, 0)..=(done, u64::MAX));
        let woken = over.filter_map(|(_, entry)| entry.set(Ok(()))).collect();
        let mut later = self.waits.range((done + 1, 0)..);
        self.least = later.next().map_or(u64::MAX, |(&(sent, _), _)| sent);
        woken
    }

    /// Fails all waits that are not over. Returns the wakers to wake.
    pub(super) fn fail(&mut self, error: &AgentError) -> Vec<Waker> {
        let left = self.waits.values_mut();
        left.filter_map(|entry| entry.set(Err(error.clone())))
            .collect()
    }

    pub(super) fn look(&self, key: SettleKey, waker: &Waker) -> Look {
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

    /// Stores the waker, and leaves the one no longer needed in `waker`, to be dropped. Returns the answer if there is
    /// one.
    pub(super) fn set_waker(
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
