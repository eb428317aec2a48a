//! The console: what its sessions evaluate, what they reach, and what they withstand.

#[cfg(unix)]
mod bytes;
#[cfg(unix)]
mod clients;
mod errors;
mod exports;
mod hostile;
mod language;
#[cfg(unix)]
mod path;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod tcp;
mod values;

use std::time::Duration;

use async_dsl::console::{Exports, Limits, Session};

/// Limits that do not depend on how busy the machine is, or on what other tests allocate.
fn limits() -> Limits {
    Limits::default()
        .deadline(Duration::from_secs(300))
        .memory(None)
}

fn session(exports: &Exports) -> Session {
    Session::with_limits(exports, limits()).unwrap()
}

/// What a form gives in a new session: the value, or the error after `error: `.
fn eval(form: &str) -> String {
    ask(&mut session(&Exports::new()), form)
}

fn ask(session: &mut Session, form: &str) -> String {
    match session.eval_blocking(form).result() {
        Ok(value) => value.into(),
        Err(error) => format!("error: {error}"),
    }
}
