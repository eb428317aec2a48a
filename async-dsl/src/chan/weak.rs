//! A weak handle to a channel: it keeps neither the channel nor one of its ends alive.

use std::sync::{Arc, Weak};

use super::polled::{SinkState, StreamState};
use super::shared::Shared;
use super::{Chan, Inspected, Putter, Seen, Taker};
use crate::runtime::place::{At, Line};

pub(crate) struct WeakChan<T> {
    shared: Weak<Shared<T>>,
}

impl<T> WeakChan<T> {
    fn new(shared: &Arc<Shared<T>>) -> Self {
        Self {
            shared: Arc::downgrade(shared),
        }
    }

    /// Returns the line that made the channel, and its state unless the lock stays held. `None` if the last handle was
    /// dropped.
    pub(crate) fn look(&self) -> Option<(Line, Option<Seen>)>
    where
        T: Send,
    {
        let shared = self.shared.upgrade()?;
        Some((shared.made_at(), Inspected::look(&*shared)))
    }

    /// Returns a taker, unless the last one was dropped: then there will never be a value.
    pub(crate) fn taker(&self) -> Option<Taker<T>> {
        let shared = self.shared.upgrade()?;
        shared.add_taker_unless_gone().then(|| Taker {
            stream: StreamState::new(At::line(shared.made_at())),
            shared,
        })
    }

    /// Returns a putter, unless the last one was dropped: then the channel is closed.
    pub(crate) fn putter(&self) -> Option<Putter<T>> {
        let shared = self.shared.upgrade()?;
        shared.add_putter_unless_gone().then(|| Putter {
            sink: SinkState::new(At::line(shared.made_at())),
            shared,
        })
    }
}

impl<T> Chan<T> {
    pub(crate) fn downgrade(&self) -> WeakChan<T> {
        WeakChan::new(&self.shared)
    }
}

impl<T> Putter<T> {
    pub(crate) fn downgrade(&self) -> WeakChan<T> {
        WeakChan::new(&self.shared)
    }
}

impl<T> Taker<T> {
    pub(crate) fn downgrade(&self) -> WeakChan<T> {
        WeakChan::new(&self.shared)
    }
}
