//! A group as [`inspect`](crate::inspect) sees it.

use std::sync::Arc;

use super::core::Core;
use crate::runtime::id::{Name, TaskId};
use crate::runtime::place::Line;
use crate::runtime::registry::{Living, Registered, Registry};
use crate::runtime::running;

static GROUPS: Registry<Core> = Registry::new();

/// Returns the groups that are alive.
pub(crate) fn living() -> Vec<Living<Core>> {
    GROUPS.living()
}

pub(super) fn made(core: &Arc<Core>, place: &Registered) -> u64 {
    GROUPS.add(place, running::current_number(), || Arc::downgrade(core))
}

pub(super) fn dropped(place: &mut Registered) {
    GROUPS.remove(place);
}

pub(super) fn name(place: &Registered, name: Name) {
    GROUPS.name(place, name);
}

/// What kind of group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Group,
    Scope,
}

/// The status of a group at one moment.
pub(crate) struct Seen {
    pub(crate) kind: Kind,
    pub(crate) made_at: Line,
    /// Those that run.
    pub(crate) tasks: Vec<TaskId>,
    /// How many they are, with those that are being started.
    pub(crate) running: usize,
    pub(crate) untaken: usize,
    pub(crate) limit: Option<usize>,
}
