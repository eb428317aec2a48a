//! The places of a run at which it is chosen how it goes on, and what was tried there.

use std::sync::Arc;

use super::access::{Access, Kind};

/// A place of the run where it was chosen how it goes on.
#[derive(Debug)]
pub(super) enum Node {
    /// Which task makes the next step.
    Tasks(Tasks),
    /// A number below the bound, within the step before.
    Choice { bound: u32, value: u32 },
}

#[derive(Debug)]
pub(super) struct Tasks {
    pub(super) ready: Vec<u32>,
    /// The tasks whose step here was tried above, and nothing has happened since that depends on it.
    pub(super) sleep: Vec<Tried>,
    /// The tasks whose step here was tried.
    pub(super) done: Vec<Tried>,
    /// The tasks whose step here is to be tried.
    pub(super) back: Vec<u32>,
    pub(super) current: u32,
    /// What the step of the current task touched, over all choices inside it.
    pub(super) accesses: Vec<Access>,
}

#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) task: u32,
    pub(super) accesses: Arc<[Access]>,
}

impl Tasks {
    /// Whether all that begins with a step of this task was tried, or will be.
    pub(super) fn is_tried(&self, task: u32) -> bool {
        self.back.contains(&task) || self.sleep.iter().any(|tried| tried.task == task)
    }

    pub(super) fn was_tried(&self, task: u32) -> bool {
        let mut tried = self.done.iter().chain(&self.sleep);
        tried.any(|tried| tried.task == task)
    }

    /// The step of the current task touched this, with the choices inside it as they were.
    pub(super) fn touched(&mut self, accesses: &[Access]) {
        if self.accesses.is_empty() {
            self.accesses.extend_from_slice(accesses);
        } else if self.accesses != accesses {
            // What is dropped is counted: rather once too often.
            let counts =
                |access: &Access| matches!(access.kind, Kind::DropPutter | Kind::DropTaker);
            for access in accesses {
                if counts(access) || !self.accesses.contains(access) {
                    self.accesses.push(*access);
                }
            }
        }
    }
}
