//! What a dump shows of a mix and its inputs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::knob::{Desk, Knob, PLAY};
use crate::flow::show::list_stage;
use crate::runtime::listing::{Listing, Show, Table};
use crate::runtime::place::{At, Line};
use crate::runtime::row::{Row, RowId};

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
}

/// What is shown until this is dropped: a dump may hold it for a moment longer.
pub(super) struct Listed<S> {
    pub(super) shown: Arc<S>,
    listing: Listing,
}

impl Listed<Shown> {
    pub(super) fn mix(out: u64, at: Line) -> Self {
        let shown = Arc::new(Shown {
            desk: Arc::default(),
            out,
            at,
            inputs: AtomicUsize::new(0),
        });
        let listing = list_stage(Arc::downgrade(&shown));
        Self { shown, listing }
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
    of: RowId,
    from: u64,
    at: Line,
    task: AtomicU64,
}

impl ShownInput {
    pub(super) fn is_run_by(&self, task: u64) {
        self.task.store(task, Ordering::Relaxed);
    }

    /// It is over.
    pub(super) fn ends(&self) {
        self.mix.inputs.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Listed<ShownInput> {
    pub(super) fn input(knob: Arc<Knob>, mix: &Listed<Shown>, from: u64, at: Line) -> Self {
        mix.shown.inputs.fetch_add(1, Ordering::Relaxed);
        let shown = Arc::new(ShownInput {
            knob,
            mix: Arc::clone(&mix.shown),
            of: mix.listing.id(),
            from,
            at,
            task: AtomicU64::new(0),
        });
        let listing = INPUTS.list(Arc::downgrade(&shown));
        Self { shown, listing }
    }

    /// Its task waits to be played.
    pub(super) fn parks(&self, at: Line) {
        self.listing.parks(At::line(at));
    }
}

impl Show for ShownInput {
    fn show(&self) -> Option<Row> {
        let mode = match self.knob.says() {
            "plays" if self.knob.is_muted() => "muted, another is soloed",
            mode => mode,
        };
        let row = Row::new()
            .made_at(At::line(self.at))
            .cell(self.of.number)
            .cell(mode)
            .cell(self.knob.discarded.load(Ordering::Relaxed))
            .part_of(self.of)
            .takes_from(self.from)
            .puts_into(self.mix.out)
            .run_by(self.task.load(Ordering::Relaxed));
        Some(match self.knob.mode() {
            PLAY if mode == "plays" => row,
            _ => row.status(mode),
        })
    }
}
