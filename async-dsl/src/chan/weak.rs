//! A look at a channel from outside: it keeps neither the channel nor one of its ends alive.

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

    /// The line that made it, and what is seen of it unless others use it all the time. `None` if the last handle is gone.
    pub(crate) fn look(&self) -> Option<(Line, Option<Seen>)>
    where
        T: Send,
    {
        let shared = self.shared.upgrade()?;
        Some((shared.made_at(), Inspected::look(&*shared)))
    }

    /// A handle to take from, unless the last one is gone: then there never will be a value.
    pub(crate) fn taker(&self) -> Option<Taker<T>> {
        let shared = self.shared.upgrade()?;
        shared.add_taker_unless_gone().then(|| Taker {
            stream: StreamState::new(At::line(shared.made_at())),
            shared,
        })
    }

    /// A handle to put into, unless the last one is gone: then the channel is closed.
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
