//! Signals as takers. Each test has a signal of its own: all takers of one get it.
#![cfg(unix)]

use async_dsl::prelude::*;
use async_dsl::signal::{self, Signal};
use rustix::process::{Signal as Sent, getpid, kill_process};

fn send(signal: Sent) {
    kill_process(getpid(), signal).unwrap();
}

#[test]
fn ctrl_c_is_an_arm() {
    let (stop, jobs) = (signal::ctrl_c(), chan::<()>());
    send(Sent::INT);
    let stopped = async_dsl::block_on(async_block!({
        alt! {
            signal = take!(stop) => signal,
            _ = take!(jobs) => None,
        }
    }));
    assert!(matches!(stopped, Some(Signal::Int)));
}

#[test]
fn each_taker_gets_the_signal() {
    let takers = [
        signal::terminate(),
        signal::signals([Signal::Term, Signal::Usr1]),
    ];
    send(Sent::TERM);
    for taker in takers {
        assert!(matches!(taker.take_blocking(), Some(Signal::Term)));
    }
}

#[test]
fn a_program_that_takes_no_more_goes_on() {
    drop(signal::signals([Signal::Usr2]));
    send(Sent::USR2);
    let again = signal::signals([Signal::Usr2]);
    send(Sent::USR2);
    assert!(matches!(again.take_blocking(), Some(Signal::Usr2)));
}

#[test]
#[should_panic(expected = "cannot be caught")]
fn what_cannot_be_caught_panics() {
    drop(signal::signals([Signal::Kill]));
}
