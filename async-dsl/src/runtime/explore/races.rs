//! The races of a run, and what is to be tried because of them.
//!
//! A step *happens after* those that its task made before, those that enabled it, and those that it depends on. Two steps race if
//! they depend on each other, and nothing but that orders them.

use super::access::{Access, Form, Kind};
use super::nodes::Node;
use super::steps::{Step, Steps, touches};

#[derive(Debug, Default)]
pub(super) struct Races {
    /// For each step, how many steps of each task it happens after, and itself.
    clocks: Vec<Vec<u32>>,
    /// The number of each step among those of its task, from 1 on.
    numbers: Vec<u32>,
    /// The step of the same task before each.
    before: Vec<Option<usize>>,
    /// The last step of each task.
    last: Vec<Option<usize>>,
    /// The later step last.
    found: Vec<(usize, usize)>,
}

impl Races {
    pub(super) fn clear(&mut self) {
        self.keep(0);
    }

    /// Forgets all but the first steps, which the next run makes too.
    pub(super) fn keep(&mut self, steps: usize) {
        self.numbers.truncate(steps);
        self.before.truncate(steps);
        let later = self.found.partition_point(|(_, later)| *later < steps);
        self.found.truncate(later);
    }

    pub(super) fn happens_after(&self, later: usize, earlier: usize, task: u32) -> bool {
        let clock = self.clocks[later].get(task as usize);
        clock.is_some_and(|clock| *clock >= self.numbers[earlier])
    }

    /// Finds the races of the run.
    pub(super) fn find(&mut self, steps: &Steps) {
        let kept = self.numbers.len();
        self.last.clear();
        for (index, step) in steps.iter().enumerate() {
            let task = step.task as usize;
            if self.last.len() <= task {
                self.last.resize(task + 1, None);
            }
            if index >= kept {
                self.find_at(index, step, steps);
            }
            self.last[task] = Some(index);
        }
    }

    fn find_at(&mut self, index: usize, step: &Step, steps: &Steps) {
        let task = step.task as usize;
        let mut clock = self
            .clocks
            .get_mut(index)
            .map(std::mem::take)
            .unwrap_or_default();
        clock.clear();
        let number = match self.last[task] {
            Some(before) => {
                clock.extend_from_slice(&self.clocks[before]);
                self.numbers[before] + 1
            }
            None => 1,
        };
        if step.is_begin {
            self.look_back(index, step, steps, &mut clock);
        }
        for cause in &step.causes {
            join(&mut clock, &self.clocks[*cause]);
        }
        let before = self.last[task];
        if !step.is_begin {
            self.after_causes(index, step, steps, before, &mut clock);
            self.look_back(index, step, steps, &mut clock);
        }
        if clock.len() <= task {
            clock.resize(task + 1, 0);
        }
        clock[task] = number;
        self.numbers.push(number);
        self.before.push(before);
        if self.clocks.len() <= index {
            self.clocks.push(clock);
        } else {
            self.clocks[index] = clock;
        }
    }

    /// What enabled a step that goes on, where it was there before the operation began. The begin itself needs none of it: it can
    /// always be made.
    fn after_causes(
        &self,
        index: usize,
        step: &Step,
        steps: &Steps,
        mut begun: Option<usize>,
        clock: &mut Vec<u32>,
    ) {
        let ends = |access: &&Access| access.kind == Kind::End;
        for end in step.accesses.iter().filter(ends) {
            // The close, and that all that were served have collected what they got.
            self.after_first(index, end.object, Kind::Close, steps, clock);
            for (earlier, other) in steps.iter().enumerate().take(index) {
                if touches_as(other, end.object, Kind::Collect) {
                    join(clock, &self.clocks[earlier]);
                }
            }
        }
        while let Some(begin) = begun.filter(|begin| steps[*begin].is_begin) {
            for access in &steps[begin].accesses {
                if let Some(partner) = partner(begin, *access, steps) {
                    join(clock, &self.clocks[partner]);
                }
                if access.kind == Kind::Awaits {
                    // What comes after the first changes nothing.
                    self.after_first(index, access.object, Kind::Comes, steps, clock);
                }
            }
            begun = self.before[begin];
        }
    }

    /// Finds what the step races with, latest first.
    fn look_back(&mut self, index: usize, step: &Step, steps: &Steps, clock: &mut Vec<u32>) {
        for earlier in (0..index).rev() {
            let other = &steps[earlier];
            if other.era != step.era {
                break;
            }
            let known = clock.get(other.task as usize).copied().unwrap_or(0);
            if other.task == step.task || known >= self.numbers[earlier] {
                continue;
            }
            if touches(other.task, &other.accesses, step.task, &step.accesses) {
                self.found.push((earlier, index));
                join(clock, &self.clocks[earlier]);
            }
        }
    }

    /// The step comes after the first that touched the object so.
    fn after_first(
        &self,
        index: usize,
        object: u32,
        kind: Kind,
        steps: &Steps,
        clock: &mut Vec<u32>,
    ) {
        let mut earlier = steps.iter().take(index);
        if let Some(first) = earlier.position(|step| touches_as(step, object, kind)) {
            join(clock, &self.clocks[first]);
        }
    }

    /// Sees to it that each race is tried in the other order.
    pub(super) fn reverse(&self, steps: &Steps, nodes: &mut [Node]) {
        let mut between = Vec::new();
        let mut initials = Vec::new();
        for &(earlier, later) in &self.found {
            let Node::Tasks(node) = &mut nodes[steps[earlier].node] else {
                unreachable!("a step has the place where its task was chosen")
            };
            if node.ready.len() < 2 || node.back.len() == node.ready.len() {
                continue;
            }
            self.initials(steps, earlier, later, &mut between, &mut initials);
            initials.retain(|task| node.ready.contains(task));
            if initials.is_empty() {
                for task in &node.ready {
                    if !node.back.contains(task) {
                        node.back.push(*task);
                    }
                }
            } else if !initials.iter().any(|task| node.is_tried(*task)) {
                let task = steps[later].task;
                let first = if initials.contains(&task) {
                    task
                } else {
                    initials[0]
                };
                node.back.push(first);
            }
        }
    }

    /// The tasks that can go first towards the later step before the earlier one: those whose first step, of all that do not
    /// happen after the earlier one, has none of these before it.
    fn initials(
        &self,
        steps: &Steps,
        earlier: usize,
        later: usize,
        between: &mut Vec<usize>,
        initials: &mut Vec<u32>,
    ) {
        between.clear();
        initials.clear();
        let (first, last) = (&steps[earlier], &steps[later]);
        let mut seen = Vec::new();
        for (index, step) in steps.iter().enumerate().skip(earlier + 1) {
            if step.era != first.era {
                break;
            }
            if index == later
                || self.happens_after(index, earlier, first.task)
                || (index > later && self.happens_after(index, later, last.task))
            {
                continue;
            }
            if !seen.contains(&step.task) {
                seen.push(step.task);
                if !self.has_before(steps, index, between) {
                    initials.push(step.task);
                }
            }
            between.push(index);
        }
        let is_first = !seen.contains(&last.task) && !self.has_before(steps, later, between);
        if is_first && (last.is_begin || between.is_empty()) {
            initials.push(last.task);
        }
    }

    fn has_before(&self, steps: &Steps, index: usize, before: &[usize]) -> bool {
        let mut before = before.iter().filter(|before| **before < index);
        before.any(|before| self.happens_after(index, *before, steps[*before].task))
    }
}

/// The put whose value a take gets at once, or the take that has made room for a put: as long as only puts and takes came to the
/// channel, the n-th take gets the n-th put.
fn partner(index: usize, access: Access, steps: &Steps) -> Option<usize> {
    let room = match access.form {
        Form::Unbounded => usize::MAX,
        Form::Fixed => steps.size(access.object)?,
        _ => return None,
    };
    let is_put = match access.kind {
        Kind::Put => true,
        Kind::Take => false,
        _ => return None,
    };
    let mut mine = 0_usize;
    let mut theirs = Vec::new();
    for (earlier, step) in steps.iter().enumerate().take(index) {
        for other in step.accesses.iter().filter(|it| it.object == access.object) {
            match other.kind {
                Kind::Put | Kind::Gave if is_put => mine += 1,
                Kind::Take | Kind::Took if !is_put => mine += 1,
                Kind::Put | Kind::Gave | Kind::Take | Kind::Took => theirs.push(earlier),
                Kind::Len | Kind::IsClosed | Kind::Collect | Kind::DropPutter | Kind::DropTaker => {
                }
                _ => return None,
            }
        }
    }
    let which = if is_put {
        mine.checked_sub(room)?
    } else {
        mine
    };
    theirs.get(which).copied()
}

fn touches_as(step: &Step, object: u32, kind: Kind) -> bool {
    let mut accesses = step.accesses.iter();
    accesses.any(|access| access.object == object && access.kind == kind)
}

fn join(clock: &mut Vec<u32>, other: &[u32]) {
    if clock.len() < other.len() {
        clock.resize(other.len(), 0);
    }
    for (mine, theirs) in clock.iter_mut().zip(other) {
        *mine = (*mine).max(*theirs);
    }
}
