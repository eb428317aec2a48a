//! The current evaluation of this thread, for the engine's callbacks: there is one engine for all sessions.

use std::cell::RefCell;
use std::rc::Rc;

use rhai::Dynamic;

use super::super::exports::Exports;
use super::super::output::Output;
use super::super::wait::Wait;

pub(super) struct Evaluation {
    pub(super) exports: Exports,
    pub(super) wait: Wait,
    pub(super) output: RefCell<Output>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Evaluation>>> = const { RefCell::new(None) };
}

/// A guard: its evaluation is this thread's current one until it is dropped.
pub(super) struct Entered;

pub(super) fn enter(evaluation: Rc<Evaluation>) -> Entered {
    CURRENT.set(Some(evaluation));
    Entered
}

impl Drop for Entered {
    fn drop(&mut self) {
        drop(CURRENT.take());
    }
}

/// Returns the current evaluation. The engine is only used inside one.
pub(super) fn current() -> Rc<Evaluation> {
    CURRENT.with_borrow(|current| current.clone().expect("an evaluation runs on this thread"))
}

/// Called after each operation of the engine: returning a value ends the evaluation, and no script can catch that.
pub(super) fn progress(_operations: u64) -> Option<Dynamic> {
    CURRENT.with_borrow(|current| {
        let stop = current.as_ref()?.wait.check().err()?;
        Some(stop.to_string().into())
    })
}

pub(super) fn print(text: &str) {
    let current = current();
    let mut output = current.output.borrow_mut();
    output.push(text);
    output.push("\n");
}
