//! What a dump shows of a mix and its inputs.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::knob::{Desk, Knob, PLAY};
use crate::flow::show::list_stage;
use crate::runtime::listing::{Listing, Show, Table};
use crate::runtime::place::{At, Line};
use crate::runtime::row::Row;

static INPUTS: Table = Table::new("input of a mix", &["mix", "mode", "lost"])
    .plural("inputs of mixes")
    .headed("input");

/// A mix that inputs can be added to, or that has some.
pub(super) struct Shown {
    pub(super) desk: Arc<Desk>,
    out: u64,
    at: Line,
    /// How many inputs it has.
    inputs: AtomicUsize,
    listing: Listing,
}

impl Shown {
    pub(super) fn new(out: u64, at: Line) -> Arc<Self> {
        Arc::new_cyclic(|shown: &Weak<Self>| Self {
            desk: Arc::default(),
            out,
            at,
            inputs: AtomicUsize::new(0),
            listing: list_stage(shown.clone()),
        })
    }
}

impl Show for Shown {
    fn show(&self) -> Option<Row> {
        let inputs = self.inputs.load(Ordering::Relaxed);
        let s = if inputs == 1 { "" } else { "s" };
        let row = Row::new()
            .named("mix")
            .made_at(At::line(self.at))
            .cell(format_args!("{inputs} input{s}"))
            .cell(self.desk.discarded.load(Ordering::Relaxed));
        Some(row.puts_into(self.out))
    }
}

/// An input that is not over.
pub(super) struct ShownInput {
    pub(super) knob: Arc<Knob>,
    mix: Arc<Shown>,
    from: u64,
    at: Line,
    task: AtomicU64,
    listing: Listing,
}

impl ShownInput {
    pub(super) fn new(knob: Arc<Knob>, mix: &Arc<Shown>, from: u64, at: Line) -> Arc<Self> {
        mix.inputs.fetch_add(1, Ordering::Relaxed);
        Arc::new_cyclic(|shown: &Weak<Self>| Self {
            knob,
            mix: Arc::clone(mix),
            from,
            at,
            task: AtomicU64::new(0),
            listing: INPUTS.list(shown.clone()),
        })
    }

    pub(super) fn is_run_by(&self, task: u64) {
        self.task.store(task, Ordering::Relaxed);
    }

    /// Its task waits to be played.
    pub(super) fn parks(&self, at: Line) {
        self.listing.parks(At::line(at));
    }
}

impl Drop for ShownInput {
    fn drop(&mut self) {
        self.mix.inputs.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Show for ShownInput {
    fn show(&self) -> Option<Row> {
        let mode = match self.knob.says() {
            "plays" if self.knob.is_muted() => "muted, another is soloed",
            mode => mode,
        };
        let mix = self.mix.listing.id();
        let row = Row::new()
            .made_at(At::line(self.at))
            .cell(mix.number)
            .cell(mode)
            .cell(self.knob.discarded.load(Ordering::Relaxed))
            .part_of(mix)
            .takes_from(self.from)
            .puts_into(self.mix.out)
            .run_by(self.task.load(Ordering::Relaxed));
        Some(match self.knob.mode() {
            PLAY if mode == "plays" => row,
            _ => row.status(mode),
        })
    }
}
