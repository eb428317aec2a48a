//! A dump when a signal comes.

use std::io;
use std::thread;

use async_signal::Signals;
use futures_lite::StreamExt;

pub use async_signal::Signal;

/// Dumps the whole program to standard error whenever the signal comes, from now on: every task of every scheduler,
/// every channel and agent.
///
/// On Unix `Signal::Quit` is what Ctrl-\ sends from a terminal. The signal no longer does what it did before, such as ending
/// the program. It needs a thread of its own, which sleeps until then.
///
/// # Errors
///
/// If the signal cannot be listened to, or the thread not be started.
///
/// # Examples
///
/// ```
/// async_dsl::inspect::on_signal(async_dsl::inspect::Signal::Int)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn on_signal(signal: Signal) -> io::Result<()> {
    let mut signals = Signals::new([signal])?;
    let listen = move || {
        async_io::block_on(async {
            while let Some(Ok(_)) = signals.next().await {
                super::dump();
            }
        });
    };
    thread::Builder::new()
        .name("async-dsl-sig".to_owned())
        .spawn(listen)?;
    Ok(())
}
