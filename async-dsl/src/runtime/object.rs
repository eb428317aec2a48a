//! What tasks share, as a search through all schedules knows it.

use super::explore::Explorer;
use super::explore::access::{Form, Kind};
use super::id::TaskId;
use super::running::{self, USED_UP};
use super::simulated;

/// The name of an object: 0 where no schedule is explored, and then it is all that is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Object(u32);

impl Object {
    pub(crate) const NONE: Self = Self(0);

    /// The name of new memory that tasks share.
    pub(crate) fn memory() -> Self {
        let object = Self::new();
        if object.is_explored() {
            simulated::with_explorer(|explorer, _| explorer.has_memory());
        }
        object
    }

    /// The name of a new object.
    #[inline]
    pub(crate) fn new() -> Self {
        if running::budget() == USED_UP {
            Self::named()
        } else {
            Self::NONE
        }
    }

    #[cold]
    #[inline(never)]
    fn named() -> Self {
        simulated::with_explorer(Explorer::object).map_or(Self::NONE, Self)
    }

    #[inline]
    pub(crate) const fn is_explored(self) -> bool {
        self.0 != 0
    }

    /// The running step touches it.
    #[inline]
    pub(crate) fn note(self, kind: Kind, form: impl FnOnce() -> Form) {
        if self.is_explored() {
            self.touched(kind, form());
        }
    }

    /// The running step touches it in a way that is not known better, or that commutes with nothing.
    #[inline]
    pub(crate) fn touch(self) {
        self.note(Kind::Any, || Form::Other);
    }

    #[cold]
    #[inline(never)]
    fn touched(self, kind: Kind, form: Form) {
        simulated::with_explorer(|explorer, _| explorer.note(self.0, kind, form));
    }

    /// The running step touches it, and so many of the handles of that side are left.
    #[cold]
    pub(crate) fn dropped(self, kind: Kind, form: Form, left: usize) {
        simulated::with_explorer(|explorer, _| {
            explorer.note(self.0, kind, form);
            explorer.handles_left(self.0, kind, left);
        });
    }

    /// More of this channel is seen than its values and its lines.
    #[cold]
    pub(crate) fn watch(self) {
        simulated::with_explorer(|explorer, _| explorer.watch(self.0));
    }

    /// It is a channel that has room for so many values.
    #[cold]
    pub(crate) fn set_size(self, size: usize) {
        simulated::with_explorer(|explorer, _| explorer.set_size(self.0, size));
    }

    /// Whether the polled task was made ready by what touched this, and by nothing else.
    #[cold]
    pub(crate) fn has_served(self) -> bool {
        simulated::with_explorer(|explorer, _| explorer.is_served_by(self.0)).unwrap_or(true)
    }

    pub(crate) const fn name(self) -> u32 {
        self.0
    }
}

/// The running step touches memory that tasks share, and that is known by this number.
pub(crate) fn touch_memory(number: u32) {
    if running::budget() == USED_UP {
        simulated::with_explorer(|explorer, _| explorer.touch(number));
    }
}

/// The running step touches a task.
#[inline]
pub(crate) fn touch_task(id: TaskId, kind: Kind) {
    if running::budget() == USED_UP {
        note_task(id, kind);
    }
}

#[cold]
#[inline(never)]
fn note_task(id: TaskId, kind: Kind) {
    simulated::with_task(id, |explorer, task| explorer.note_task(task, kind));
}

/// Whether the polled task was made ready by what touched that task, and by nothing else.
#[cold]
pub(crate) fn has_served(id: TaskId) -> bool {
    simulated::with_task(id, Explorer::is_served_by_task).unwrap_or(true)
}
