//! The steps of a run, and what each of them touched.

use std::collections::HashMap;
use std::ops::Index;

use super::access::{Access, Kind};

/// From one switch point of a task to its next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Step {
    /// The name of the task.
    pub(crate) task: u32,
    /// The place where it was chosen.
    pub(crate) node: usize,
    /// How often the clock had moved.
    pub(crate) era: u32,
    /// It began an operation, and did nothing else: what it touched was known before.
    pub(crate) is_begin: bool,
    pub(crate) accesses: Vec<Access>,
    /// The steps that enabled it, as far as it could not have been made without them.
    pub(crate) causes: Vec<usize>,
    /// How many handles of a side of a channel are left.
    left: Vec<(u32, Kind, usize)>,
}

/// The steps of a run. The memory of one run serves the next.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    all: Vec<Step>,
    len: usize,
    era: u32,
    /// How many values there is room for in a channel.
    sizes: HashMap<u32, usize>,
}

impl Steps {
    pub(crate) fn size(&self, object: u32) -> Option<usize> {
        self.sizes.get(&object).copied()
    }

    pub(crate) fn set_size(&mut self, object: u32, size: usize) {
        self.sizes.insert(object, size);
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn era(&self) -> u32 {
        self.era
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Step> {
        self.all[..self.len].iter()
    }

    pub(crate) fn last(&self) -> Option<&Step> {
        self.all[..self.len].last()
    }

    pub(crate) fn last_mut(&mut self) -> Option<&mut Step> {
        self.all[..self.len].last_mut()
    }

    pub(crate) fn begin(&mut self, task: u32, node: usize) {
        if self.len == self.all.len() {
            self.all.push(Step::default());
        }
        let step = &mut self.all[self.len];
        self.len += 1;
        step.task = task;
        step.node = node;
        step.era = self.era;
        step.is_begin = false;
        step.accesses.clear();
        step.causes.clear();
        step.left.clear();
    }

    pub(crate) fn note(&mut self, access: Access) {
        if let Some(step) = self.last_mut() {
            // Drops are counted: see `would_be_last`.
            let counts = matches!(access.kind, Kind::DropPutter | Kind::DropTaker);
            if counts || !step.accesses.contains(&access) {
                step.accesses.push(access);
            }
        }
    }

    /// So many handles are left of this side of a channel.
    pub(crate) fn left(&mut self, object: u32, side: Kind, left: usize) {
        if let Some(step) = self.last_mut() {
            step.left.push((object, side, left));
        }
    }

    /// Whether another step that touches this, and has dropped a handle that was not the last, would drop the last one now.
    pub(crate) fn would_be_last(&self, accesses: &[Access]) -> bool {
        let Some(last) = self.last() else {
            return false;
        };
        last.left.iter().any(|(object, side, left)| {
            let drops = |access: &&Access| access.object == *object && access.kind == *side;
            let drops = accesses.iter().filter(drops).count();
            drops > 0 && drops >= *left
        })
    }

    /// The clock moves.
    pub(crate) fn clock_moved(&mut self) {
        self.era += 1;
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.era = 0;
    }
}

impl Index<usize> for Steps {
    type Output = Step;

    fn index(&self, index: usize) -> &Step {
        &self.all[index]
    }
}

/// The name of a task as an object.
pub(crate) const fn of_task(task: u32) -> u32 {
    task | 1 << 31
}

/// Whether one step touches what another does, so that their order may make a difference.
pub(super) fn touches(one: u32, touched: &[Access], other: u32, others: &[Access]) -> bool {
    for access in touched {
        if access.kind == Kind::Cancel && access.object == of_task(other) {
            return true;
        }
        if others.iter().any(|with| access.depends_on(*with)) {
            return true;
        }
    }
    let cancels = |access: &Access| access.kind == Kind::Cancel && access.object == of_task(one);
    others.iter().any(cancels)
}
