//! A channel as [`inspect`](crate::inspect) sees it, whatever the type of its values.

use std::sync::{Arc, Weak};

use super::buffer::Kind;
use super::state::Stats;
use crate::runtime::id::Name;
use crate::runtime::note::Stamp;
use crate::runtime::place::{At, Line};
use crate::runtime::registry::{Living, Registered, Registry};
use crate::runtime::running;
use crate::runtime::users::Record;

static CHANNELS: Registry<dyn Inspected> = Registry::new();

/// The channels that are alive.
pub(crate) fn living() -> Vec<Living<dyn Inspected>> {
    CHANNELS.living()
}

pub(super) fn channel_made<C: Inspected + 'static>(channel: &Arc<C>, place: &Registered) {
    CHANNELS.add(place, running::current_number(), || {
        let weak: Weak<C> = Arc::downgrade(channel);
        weak
    });
}

pub(super) fn channel_dropped(place: &mut Registered) {
    CHANNELS.remove(place);
}

pub(super) fn name_channel(place: &Registered, name: Name) {
    CHANNELS.name(place, name);
}

/// A channel that can be looked at.
pub(crate) trait Inspected: Send + Sync {
    /// `None` if others use it all the time, or the caller does: a user's buffer may be what looks.
    fn look(&self) -> Option<Seen>;

    fn made_at(&self) -> Line;

    /// How many handles can put, and how many can take.
    fn handles(&self) -> (usize, usize);
}

/// What was seen of a channel at one moment.
pub(crate) struct Seen {
    pub(crate) kind: Kind,
    pub(crate) len: usize,
    pub(crate) capacity: Option<usize>,
    pub(crate) closed: bool,
    pub(crate) stats: Stats,
    /// In milliseconds: of those who were served.
    pub(crate) longest_wait: u32,
    /// Who has put and taken.
    pub(crate) users: Record,
    pub(crate) takers: Vec<SeenWaiter>,
    pub(crate) putters: Vec<SeenWaiter>,
}

/// A waiter in line.
pub(crate) struct SeenWaiter {
    pub(crate) at: At,
    pub(crate) stamp: Stamp,
}
