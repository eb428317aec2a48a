//! Panics of trial runs: recorded instead of printed.

use std::cell::{Cell, RefCell};
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use crate::runtime::task::error::panic_text;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static SEEN: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

/// While it exists, panics of this thread are recorded and not printed.
pub(super) struct Quiet {
    outer: bool,
}

impl Quiet {
    /// The first call installs a panic hook for the whole process, which passes everything but the panics of quiet
    /// threads to the hook that was set before.
    pub(super) fn new() -> Self {
        static HOOKED: Once = Once::new();
        HOOKED.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if QUIET.get() {
                    note(info);
                } else {
                    before(info);
                }
            }));
        });
        Self {
            outer: QUIET.replace(true),
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        QUIET.set(self.outer);
    }
}

fn note(info: &PanicHookInfo<'_>) {
    let message = message(info.payload());
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    SEEN.with_borrow_mut(|seen| seen.push((message, place)));
}

/// Returns the panics recorded since the last call.
pub(super) fn seen() -> Vec<(String, String)> {
    SEEN.take()
}

/// Returns the text of a panic.
pub(super) fn message(payload: &(dyn std::any::Any + Send)) -> String {
    panic_text(payload).to_owned()
}
