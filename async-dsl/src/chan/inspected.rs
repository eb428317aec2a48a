//! The view of a channel that [`inspect`](crate::inspect) has, whatever the type of its values.

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

/// Returns the channels that are alive.
pub(crate) fn living() -> Vec<Living<dyn Inspected>> {
    CHANNELS.living()
}

pub(crate) fn channel_made<C: Inspected + 'static>(channel: &Arc<C>, place: &Registered) {
    CHANNELS.add(place, running::current_number(), || {
        let weak: Weak<C> = Arc::downgrade(channel);
        weak
    });
}

pub(crate) fn channel_dropped(place: &mut Registered) {
    CHANNELS.remove(place);
}

pub(crate) fn name_channel(place: &Registered, name: Name) {
    CHANNELS.name(place, name);
}

pub(crate) fn channel_number(place: &Registered) -> u64 {
    CHANNELS.number(place)
}

/// A channel that can be inspected.
pub(crate) trait Inspected: Send + Sync {
    /// Returns the channel's state. `None` if the lock stays held: by other threads, or by the caller, which may be a
    /// user's buffer.
    fn look(&self) -> Option<Seen>;

    fn made_at(&self) -> Line;

    /// Returns the numbers of handles that can put and that can take.
    fn handles(&self) -> (usize, usize);

    /// Returns whether there are handles that can only put, and others that can only take.
    fn is_split(&self) -> bool {
        true
    }
}

/// The state of a channel at one moment.
pub(crate) struct Seen {
    pub(crate) kind: Kind,
    pub(crate) len: usize,
    pub(crate) capacity: Option<usize>,
    pub(crate) closed: bool,
    pub(crate) stats: Stats,
    /// In milliseconds, of the waiters that were served.
    pub(crate) longest_wait: u32,
    /// The tasks that have put and taken.
    pub(crate) users: Record,
    pub(crate) takers: Vec<SeenWaiter>,
    pub(crate) putters: Vec<SeenWaiter>,
}

/// A waiter in line.
pub(crate) struct SeenWaiter {
    pub(crate) at: At,
    pub(crate) stamp: Stamp,
}
