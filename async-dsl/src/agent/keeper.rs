//! The agent as an update sees it, that changes its state in place.

use std::sync::Arc;

/// To whom an update gives back the state that it was lent.
pub(super) type Keeper<V> = Arc<dyn Keeps<V>>;

pub(super) trait Keeps<V>: Send + Sync {
    fn give_back(&self, state: V);
}
