//! A group as [`inspect`](crate::inspect) sees it.

use std::sync::{Arc, Weak};

use crate::runtime::id::{Name, TaskId};
use crate::runtime::place::Line;
use crate::runtime::registry::{Living, Registered, Registry};
use crate::runtime::running;

static GROUPS: Registry<dyn Inspected> = Registry::new();

/// Returns the groups that are alive.
pub(crate) fn living() -> Vec<Living<dyn Inspected>> {
    GROUPS.living()
}

/// Returns the group's number.
pub(super) fn made<G: Inspected + 'static>(group: &Arc<G>, place: &Registered) -> u64 {
    GROUPS.add(place, running::current_number(), || {
        let weak: Weak<G> = Arc::downgrade(group);
        weak
    })
}

pub(super) fn dropped(place: &mut Registered) {
    GROUPS.remove(place);
}

pub(super) fn name(place: &Registered, name: Name) {
    GROUPS.name(place, name);
}

/// A group that [`inspect`](crate::inspect) can look at.
pub(crate) trait Inspected: Send + Sync {
    fn look(&self) -> Seen;
}

/// What kind of group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Group,
    Scope,
    Pipeline,
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
