//! Programs of tasks on two worker threads: the run queue, the join of a task, an agent's queue.
//!
//! Here the locks of the scheduler are what is interleaved: each program has a scheduler of its own with real workers, whose
//! threads are shuttle's. Its tasks run until the future given to the scheduler ends; what is left is dropped then.

mod agents;
mod joins;
mod ledger;
mod queue;

use std::cell::RefCell;
use std::sync::Arc;

use crate::Case;
use ledger::Ledger;

/// The schedules of each program, as a multiple of those of the others: the programs are few.
const TIMES: usize = 20;

thread_local! {
    /// The ledger of the last run on this thread.
    static LAST: RefCell<Option<Arc<Ledger>>> = const { RefCell::new(None) };
}

/// What was done in the last run on this thread.
fn last() -> String {
    LAST.with_borrow(|last| {
        last.as_ref()
            .map(|ledger| ledger.show())
            .unwrap_or_default()
    })
}

/// Runs it with an empty ledger, and checks that nothing is left then.
fn run(program: impl FnOnce(Arc<Ledger>)) -> Arc<Ledger> {
    let ledger = Arc::new(Ledger::default());
    LAST.set(Some(Arc::clone(&ledger)));
    program(Arc::clone(&ledger));
    ledger.note("all is over", None);
    ledger.check();
    ledger
}

/// Every combination of so many of these, in which the order does not matter.
fn combinations<K: Copy>(kinds: &[K], count: usize) -> Vec<Vec<K>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (first, kind) in kinds.iter().enumerate() {
        for mut rest in combinations(&kinds[first..], count - 1) {
            rest.insert(0, *kind);
            all.push(rest);
        }
    }
    all
}

fn sweep(cases: impl Iterator<Item = (String, Box<dyn Fn() + Send + Sync>)>) {
    crate::sweep(
        TIMES,
        cases.map(|(name, run)| Case {
            name,
            run: run.into(),
            last,
        }),
    );
}

#[test]
fn the_run_queue() {
    sweep(queue::cases());
}

#[test]
fn the_join_of_a_task() {
    sweep(joins::cases());
}

#[test]
fn the_queues_of_agents() {
    sweep(agents::cases());
}
