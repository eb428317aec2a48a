//! Those who watch an agent's state.

use std::marker::PhantomData;

pub(super) struct Watchers<S>(PhantomData<S>);

impl<S> Default for Watchers<S> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<S> Watchers<S> {
    #[allow(clippy::unused_self)]
    pub(super) fn show(&self, _: &S) {}
}
