//! A dump when a signal comes.

use std::sync::{Mutex, PoisonError};
use std::{io, thread};

use async_signal::Signals;
use futures_lite::StreamExt;

use crate::signal::NEVER;

pub use async_signal::Signal;

/// The signals that have a thread listening.
static HEARD: Mutex<Vec<Signal>> = Mutex::new(Vec::new());

/// Dumps the whole program to standard error whenever the signal comes, from now on: every task of every scheduler,
/// every channel and agent.
///
/// On Unix `Signal::Quit` is what Ctrl-\ sends from a terminal. The signal loses its former effect, such as ending the
/// program, or being ignored. Each signal has a thread of its own, which sleeps until it comes. A second call for the
/// same signal changes nothing.
///
/// # Errors
///
/// If the signal cannot be caught, or the thread not be started. `Kill` and `Stop` cannot be caught, and after `Ill`,
/// `Fpe` and `Segv` a program cannot go on: they are [`InvalidInput`](io::ErrorKind::InvalidInput).
///
/// # Examples
///
/// ```
/// async_dsl::inspect::on_signal(async_dsl::inspect::Signal::Int)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn on_signal(signal: Signal) -> io::Result<()> {
    if NEVER.contains(&signal) {
        let message = format!("a program cannot catch the signal {signal:?} and go on");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    if heard.contains(&signal) {
        return Ok(());
    }
    let mut signals = Signals::new([signal])?;
    let listen = move || {
        crate::runtime::block::in_reactor(async {
            while let Some(Ok(_)) = signals.next().await {
                crate::inspect::dump();
            }
        });
    };
    thread::Builder::new()
        .name("async-dsl-sig".to_owned())
        .spawn(listen)?;
    heard.push(signal);
    Ok(())
}
