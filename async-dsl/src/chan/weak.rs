//! A look at a channel from outside: it keeps neither the channel nor one of its ends alive.

use std::panic::Location;
use std::sync::{Arc, Weak};

use super::shared::Shared;
use super::state::Stats;
use super::stream::{SinkState, StreamState};
use super::{Chan, Putter, Taker};

pub(crate) struct WeakChan<T> {
    shared: Weak<Shared<T>>,
}

/// What can be seen of a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) len: usize,
    pub(crate) capacity: Option<usize>,
    pub(crate) closed: bool,
    pub(crate) stats: Stats,
    /// Takes and puts that are parked.
    pub(crate) waiting: (usize, usize),
    pub(crate) made_at: &'static Location<'static>,
}

impl<T> WeakChan<T> {
    fn new(shared: &Arc<Shared<T>>) -> Self {
        Self {
            shared: Arc::downgrade(shared),
        }
    }

    /// `None` if the last handle is gone.
    pub(crate) fn look(&self) -> Option<Seen> {
        let shared = self.shared.upgrade()?;
        Some(shared.with(|state, _| Seen {
            len: state.len(),
            capacity: state.capacity(),
            closed: state.is_closed(),
            stats: state.stats,
            waiting: (state.takers.queued(), state.putters.queued()),
            made_at: shared.made_at(),
        }))
    }

    /// A handle to take from, unless the last one is gone: then there never will be a value.
    pub(crate) fn taker(&self) -> Option<Taker<T>> {
        let shared = self.shared.upgrade()?;
        shared.add_taker_unless_gone().then(|| Taker {
            stream: StreamState::new(shared.made_at()),
            shared,
        })
    }

    /// A handle to put into, unless the last one is gone: then the channel is closed.
    pub(crate) fn putter(&self) -> Option<Putter<T>> {
        let shared = self.shared.upgrade()?;
        shared.add_putter_unless_gone().then(|| Putter {
            sink: SinkState::new(shared.made_at()),
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
