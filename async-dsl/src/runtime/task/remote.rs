//! Cancelling a task without a handle to its output.

use std::task::Waker;

use crate::runtime::handle::Handle;
use crate::runtime::id::TaskId;
use crate::runtime::table::Key;
use crate::runtime::wake::wake_all;

/// A task by its place in the table. It holds no part of the task: once that has ended, it does nothing.
#[derive(Clone)]
pub(crate) struct Remote {
    scheduler: Handle,
    /// `None` if the scheduler was ending: the task never runs.
    key: Option<Key>,
    id: TaskId,
}

impl Remote {
    pub(super) const fn new(scheduler: Handle, key: Option<Key>, id: TaskId) -> Self {
        Self { scheduler, key, id }
    }

    pub(crate) const fn id(&self) -> TaskId {
        self.id
    }

    /// Makes the task's next turn its last, in which it is dropped.
    pub(crate) fn cancel(&self) {
        wake_all(self.waker());
    }

    fn waker(&self) -> Option<Waker> {
        self.scheduler.table.cancel(self.key?, self.id)
    }
}
