//! What a dump shows of the stages, and how their tasks are started.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::chan::{Putter, Taker};
use crate::runtime::listing::{Listing, Show, Table};
use crate::runtime::place::{At, Line};
use crate::runtime::row::Row;
use crate::runtime::spawn::spawn_named;
use crate::runtime::task::Task;

/// The stages that go on, each as long as its task.
static STAGES: Table = Table::new("stage", &["details", "lost"]);

/// What a stage says of itself.
pub(super) trait Details: Send + Sync + 'static {
    /// How it is set, or how far it is.
    fn text(&self) -> String;

    /// How many values it has discarded that no channel counts.
    fn lost(&self) -> Option<u64> {
        None
    }

    /// The numbers of the channels it puts into that come and go.
    fn outputs(&self) -> Vec<u64> {
        Vec::new()
    }
}

impl Details for &'static str {
    fn text(&self) -> String {
        (*self).to_owned()
    }
}

impl Details for String {
    fn text(&self) -> String {
        self.clone()
    }
}

/// Returns a time as a text.
pub(super) fn span(time: Duration) -> String {
    if time == Duration::MAX {
        "∞".to_owned()
    } else {
        format!("{time:?}")
    }
}

/// A stage that is about to be started: the task that it will be, and what is shown of it.
pub(super) struct Stage<D = &'static str> {
    name: &'static str,
    at: Line,
    takes_from: Vec<u64>,
    puts_into: Vec<u64>,
    details: D,
}

impl Stage {
    pub(super) const fn new(name: &'static str, at: Line) -> Self {
        Self {
            name,
            at,
            takes_from: Vec::new(),
            puts_into: Vec::new(),
            details: "",
        }
    }
}

impl<D: Details> Stage<D> {
    pub(super) fn from<T>(mut self, from: &Taker<T>) -> Self {
        self.takes_from.push(from.number());
        self
    }

    /// Takes from the channels of these numbers.
    pub(super) fn inputs(mut self, from: Vec<u64>) -> Self {
        self.takes_from = from;
        self
    }

    pub(super) fn to<T>(mut self, to: &Putter<T>) -> Self {
        self.puts_into.push(to.number());
        self
    }

    pub(super) fn details<E: Details>(self, details: E) -> Stage<E> {
        let Self {
            name,
            at,
            takes_from,
            puts_into,
            ..
        } = self;
        Stage {
            name,
            at,
            takes_from,
            puts_into,
            details,
        }
    }

    /// Starts the task, which ends by itself. A panic in it is reported, since nobody awaits it.
    pub(super) fn start(self, stage: impl Future<Output = ()> + Send + 'static) {
        drop(self.task(stage));
    }

    /// Starts a task that somebody may await.
    pub(super) fn task<R: Send + 'static>(
        self,
        stage: impl Future<Output = R> + Send + 'static,
    ) -> Task<R> {
        let (name, at) = (self.name, self.at);
        let shown = Arc::new_cyclic(|shown: &Weak<Shown<D>>| Shown {
            stage: self,
            task: AtomicU64::new(0),
            _listing: STAGES.list(shown.clone()),
        });
        let held = Arc::clone(&shown);
        let task = async move {
            let _held = held;
            stage.await
        };
        let task = spawn_named(name.into(), task, at);
        shown.task.store(task.number(), Ordering::Relaxed);
        task
    }
}

/// A stage whose task has not ended.
struct Shown<D> {
    stage: Stage<D>,
    task: AtomicU64,
    _listing: Listing,
}

impl<D: Details> Show for Shown<D> {
    fn show(&self) -> Option<Row> {
        let Stage {
            name,
            at,
            takes_from,
            puts_into,
            details,
        } = &self.stage;
        let lost = details.lost().map(|lost| lost.to_string());
        let row = Row::new()
            .named(*name)
            .made_at(At::line(at))
            .cell(details.text())
            .cell(lost.unwrap_or_default())
            .run_by(self.task.load(Ordering::Relaxed));
        let row = takes_from.iter().fold(row, |row, n| row.takes_from(*n));
        let outputs = details.outputs().into_iter();
        let outputs = puts_into.iter().copied().chain(outputs);
        Some(outputs.fold(row, Row::puts_into))
    }
}

/// The row of what has no task of its own.
pub(super) fn list_stage<S: Show>(stage: Weak<S>) -> Listing {
    STAGES.list(stage)
}
