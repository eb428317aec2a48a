//! Signals of the operating system as takers, so that Ctrl-C is an arm of `alt!`. With the feature `signal`.
//!
//! A program that only wants to end in good order needs none of them: [`main(graceful = 10s)`](macro@crate::main) cancels
//! [`shutdown_token`](crate::shutdown_token).
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::signal;
//!
//! async_dsl::block_on(async_block!({
//!     let (stop, jobs) = (signal::ctrl_c(), chan::fixed::<u32>(1));
//!     put!(jobs, 1).unwrap();
//!     alt! {
//!         job = take!(jobs) => assert_eq!(job, Some(1)),
//!         _ = take!(stop) => println!("Ctrl-C"),
//!     }
//! }));
//! ```

use std::thread;

use async_signal::Signals;
use futures_lite::StreamExt;

use crate::chan::{self, Taker};
use crate::runtime::block::in_reactor;

pub use async_signal::Signal;

/// Signals that came and were not taken; of more than these the oldest are discarded, as the system itself merges them.
const KEPT: usize = 16;

/// Signals that cannot be caught, or after which the program cannot go on.
pub(crate) const NEVER: [Signal; 5] = [
    Signal::Kill,
    Signal::Stop,
    Signal::Ill,
    Signal::Fpe,
    Signal::Segv,
];

/// Returns a taker of Ctrl-C: of `SIGINT`, or on Windows of the console's Ctrl-C. As [`signals`] otherwise.
///
/// # Panics
///
/// As [`signals`].
#[must_use]
#[track_caller]
pub fn ctrl_c() -> Taker<Signal> {
    signals([Signal::Int])
}

/// Returns a taker of the wish that the program should end: of `SIGTERM`. As [`signals`] otherwise.
///
/// # Panics
///
/// As [`signals`].
#[must_use]
#[track_caller]
pub fn terminate() -> Taker<Signal> {
    signals([Signal::Term])
}

/// Returns a taker of these signals. Each taker that was made of a signal gets it.
///
/// From now on a signal has not its former effect, such as ending the program, also after the taker was dropped. A take parks
/// until one comes; dropping it loses nothing. A thread of its own listens; of those that are not taken the latest 16 are kept.
///
/// # Panics
///
/// If a signal cannot be caught (`Kill`, `Stop`), or a program cannot go on after it (`Ill`, `Fpe`, `Segv`); if the system
/// refuses, or no thread can be started.
///
/// # Examples
///
/// ```
/// use async_dsl::signal::{Signal, signals};
///
/// let hang_up = signals([Signal::Hup, Signal::Usr1]);
/// assert!(hang_up.is_empty());
/// ```
#[must_use]
#[track_caller]
pub fn signals(of: impl IntoIterator<Item = Signal>) -> Taker<Signal> {
    let of: Vec<Signal> = of.into_iter().collect();
    assert!(
        !of.iter().any(|signal| NEVER.contains(signal)),
        "one of the signals {of:?} cannot be caught"
    );
    let mut listening = match Signals::new(&of) {
        Ok(signals) => signals,
        Err(error) => panic!("the signals {of:?} cannot be caught: {error}"),
    };
    let (putter, taker) = chan::sliding(KEPT).named("signals").split();
    let listen = move || {
        in_reactor(async {
            while let Some(Ok(signal)) = listening.next().await {
                if putter.try_put(signal).is_err() {
                    break;
                }
            }
        });
    };
    let thread = thread::Builder::new().name("async-dsl-sig".to_owned());
    if let Err(error) = thread.spawn(listen) {
        panic!("no thread can listen to the signals {of:?}: {error}");
    }
    taker
}
