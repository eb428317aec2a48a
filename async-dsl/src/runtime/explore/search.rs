//! The search through the schedules of a program: every one that can differ.
//!
//! Stateless, by running the program again and again, with dynamic partial order reduction by source sets and sleep sets: P. A.
//! Abdulla, S. Aronis, B. Jonsson, K. Sagonas, *Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction*, JACM
//! 2017. What a step touches is known only once it was made, and may differ in another order; so a race is reversed not as there,
//! but with all that comes after it, to the end of the run: see [`races`](super::races).

use std::collections::HashSet;

use super::access::Form;
use super::nodes::{Node, Tasks, Tried};
use super::steps::{Steps, touches};

/// What the search has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Totals {
    /// Runs to the end.
    pub(crate) runs: u64,
    /// Runs that were cut: what would follow was tried before.
    pub(crate) cut: u64,
    pub(crate) steps: u64,
    /// The most steps of a run.
    pub(crate) depth: usize,
}

/// How the run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Goes {
    /// With a step of this task.
    On(u32),
    /// Not at all: all that can follow was tried.
    Redundant,
    /// The program did something else than under the same schedule before.
    Astray,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Search {
    /// Whether it leaves anything out. If not, it tries every ready task at every place.
    reduces: bool,
    nodes: Vec<Node>,
    /// The next place of this run.
    at: usize,
    /// Channels on which a put and a take do not commute.
    watched: HashSet<u32>,
    /// Such a channel was found: all begins again.
    again: bool,
    /// How the run ended, if it is not to go on.
    ended: Option<Goes>,
    races: super::races::Races,
    pub(crate) totals: Totals,
}

impl Search {
    pub(crate) fn new(reduces: bool) -> Self {
        Self {
            reduces,
            nodes: Vec::new(),
            at: 0,
            watched: HashSet::new(),
            again: false,
            ended: None,
            races: super::races::Races::default(),
            totals: Totals::default(),
        }
    }

    /// The task that makes the next step: one of these, the first of which is the plain choice.
    pub(crate) fn choose(&mut self, ready: &[u32], steps: &Steps) -> Goes {
        if self.ended.is_some() {
            return Goes::Redundant;
        }
        if let Some(node) = self.nodes.get(self.at) {
            self.at += 1;
            return match node {
                Node::Tasks(tasks) if same(&tasks.ready, ready) => Goes::On(tasks.current),
                _ => {
                    self.ended = Some(Goes::Astray);
                    Goes::Astray
                }
            };
        }
        let sleep = self.asleep(steps);
        let is_awake = |task: &u32| !sleep.iter().any(|tried| tried.task == *task);
        let Some(current) = ready.iter().copied().find(is_awake) else {
            self.ended = Some(Goes::Redundant);
            return Goes::Redundant;
        };
        let back = if self.reduces {
            vec![current]
        } else {
            ready.to_vec()
        };
        self.nodes.push(Node::Tasks(Tasks {
            ready: ready.to_vec(),
            sleep,
            done: Vec::new(),
            back,
            current,
            accesses: Vec::new(),
        }));
        self.at += 1;
        Goes::On(current)
    }

    /// The tasks that sleep at a new place, after the last step.
    fn asleep(&self, steps: &Steps) -> Vec<Tried> {
        if !self.reduces {
            return Vec::new();
        }
        let Some(last) = steps.last().filter(|last| last.era == steps.era()) else {
            return Vec::new();
        };
        let Node::Tasks(before) = &self.nodes[last.node] else {
            unreachable!("a step has the place where its task was chosen")
        };
        let tried = before.sleep.iter().chain(&before.done);
        let stays = |tried: &&Tried| {
            tried.task != last.task
                && !touches(tried.task, &tried.accesses, last.task, &last.accesses)
                && !steps.would_be_last(&tried.accesses)
        };
        tried.filter(stays).cloned().collect()
    }

    /// The place of the task that was chosen last.
    pub(crate) fn node(&self) -> usize {
        self.at - 1
    }

    /// A number below `bound`: every one of them, in turn.
    pub(crate) fn branch(&mut self, bound: u32) -> u32 {
        if self.ended.is_some() {
            return 0;
        }
        let at = self.at;
        self.at += 1;
        match self.nodes.get(at) {
            None => {
                self.nodes.push(Node::Choice { bound, value: 0 });
                0
            }
            Some(Node::Choice { bound: was, value }) if *was == bound => *value,
            Some(_) => {
                self.ended = Some(Goes::Astray);
                0
            }
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Whether the program did something else than under the same schedule before.
    pub(crate) fn is_astray(&self) -> bool {
        self.ended == Some(Goes::Astray)
    }

    /// More is seen of a channel than its values: begins again, if that is new.
    pub(crate) fn watch(&mut self, object: u32) {
        self.again |= self.watched.insert(object);
    }

    pub(crate) fn form(&self, object: u32, form: Form) -> Form {
        if !self.watched.is_empty() && self.watched.contains(&object) {
            Form::Watched
        } else {
            form
        }
    }

    /// Ends the run, and moves on to the next. Returns whether there is one.
    pub(crate) fn advance(&mut self, steps: &mut Steps) -> bool {
        self.totals.steps += steps.len() as u64;
        self.totals.depth = self.totals.depth.max(steps.len());
        if self.ended.take() == Some(Goes::Redundant) {
            self.totals.cut += 1;
        } else {
            self.totals.runs += 1;
        }
        self.at = 0;
        if self.again {
            self.again = false;
            self.nodes.clear();
            self.races.clear();
            steps.clear();
            return true;
        }
        if self.reduces {
            for step in steps.iter() {
                if let Node::Tasks(tasks) = &mut self.nodes[step.node] {
                    tasks.touched(&step.accesses);
                }
            }
            self.races.find(steps);
            self.races.reverse(steps, &mut self.nodes);
        }
        let is_next = self.backtrack();
        let node = self.nodes.len().saturating_sub(1);
        let is_choice = matches!(self.nodes.last(), Some(Node::Choice { .. }));
        let stay = steps.iter().take_while(|step| step.node < node).count();
        self.races.keep(if is_choice {
            stay.saturating_sub(1)
        } else {
            stay
        });
        steps.clear();
        is_next
    }

    /// How many branches are left that are known.
    pub(crate) fn left(&self) -> u64 {
        let left = |node: &Node| match node {
            Node::Choice { bound, value } => u64::from(bound - value - 1),
            Node::Tasks(tasks) => {
                let left = tasks.back.iter().filter(|task| !tasks.was_tried(**task));
                left.filter(|task| **task != tasks.current).count() as u64
            }
        };
        self.nodes.iter().map(left).sum::<u64>() + 1
    }

    fn backtrack(&mut self) -> bool {
        while let Some(node) = self.nodes.last_mut() {
            match node {
                Node::Choice { bound, value } => {
                    if *value + 1 < *bound {
                        *value += 1;
                        return true;
                    }
                }
                Node::Tasks(tasks) => {
                    let accesses = std::mem::take(&mut tasks.accesses).into();
                    let task = tasks.current;
                    tasks.done.push(Tried { task, accesses });
                    let mut back = tasks.back.iter().copied();
                    let next = back.find(|task| !tasks.was_tried(*task));
                    if let Some(next) = next {
                        tasks.current = next;
                        return true;
                    }
                }
            }
            self.nodes.pop();
        }
        false
    }
}

/// Whether both are the same tasks, in whatever order.
fn same(one: &[u32], other: &[u32]) -> bool {
    one.len() == other.len() && one.iter().all(|task| other.contains(task))
}
