//! `#[async_dsl::main(graceful = …)]`: a program that is asked to end, and ends in good order.
//!
//! A thread of its own listens. It alone keeps the time, and it ends the program at once if it is asked again, or if the main
//! thread does not get round to it; otherwise the main thread ends the program.

use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use std::{process, thread};

use async_io::Timer;
use async_signal::{Signal, Signals};
use futures_lite::StreamExt;
use futures_lite::future::or;

use super::block_on;
use crate::group::token::CancelToken;
use crate::runtime::block::in_reactor;
use crate::runtime::handle::Handle;
use crate::runtime::sync::lock_std;

/// What the main thread gets, once the time is over, to drop what is left.
const TO_DROP: Duration = Duration::from_secs(1);

/// What asks a program to end.
const ASKS: &[Signal] = if cfg!(windows) {
    &[Signal::Int]
} else {
    &[Signal::Int, Signal::Term]
};

/// Returns the root token of the program, the same each time: `#[async_dsl::main(graceful = 10s)]` cancels it on the first
/// Ctrl-C or `SIGTERM`. With the feature `signal`.
///
/// Whoever cancels it asks the program to end as the signal does. In a program whose `main` is not `graceful` nobody else
/// cancels it. Hand [children](CancelToken::child) of it to parts that are also to end by themselves.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::shutdown_token;
///
/// #[async_dsl::main(graceful = 10s)]
/// async fn main() {
///     let jobs = chan::fixed::<u32>(8);
///     let worker = go!(|jobs| {
///         loop {
///             alt! {
///                 job = take!(jobs) => println!("job {job:?}"),
///                 _ = await!(shutdown_token().cancelled()) => break "ended in good order",
///             }
///         }
///     });
///     # shutdown_token().cancel(); // as Ctrl-C does
///     assert_eq!(worker.await, "ended in good order");
/// }
/// ```
#[must_use]
pub fn shutdown_token() -> CancelToken {
    static ROOT: OnceLock<CancelToken> = OnceLock::new();
    ROOT.get_or_init(CancelToken::new).clone()
}

/// Whether the time is over, and the main thread if it waits for that.
#[derive(Default)]
struct End(Mutex<(bool, Option<Waker>)>);

impl End {
    fn come(&self) {
        let mut end = lock_std(&self.0);
        end.0 = true;
        let main = end.1.take();
        drop(end);
        main.into_iter().for_each(Waker::wake);
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let mut end = lock_std(&self.0);
        if end.0 {
            return Poll::Ready(());
        }
        let old = end.1.replace(cx.waker().clone());
        drop(end);
        drop(old);
        Poll::Pending
    }
}

/// `#[async_dsl::main(graceful = …)]`.
///
/// # Panics
///
/// If the system refuses the signals or a thread.
#[track_caller]
pub fn run_gracefully<F: Future>(grace: Duration, main: F) -> F::Output {
    let signals = match Signals::new(ASKS) {
        Ok(signals) => signals,
        Err(error) => panic!("the signals {ASKS:?} cannot be caught: {error}"),
    };
    let end = Arc::new(End::default());
    let code = Arc::new(OnceLock::new());
    let (at_end, by) = (Arc::clone(&end), Arc::clone(&code));
    let listen = move || in_reactor(listen(signals, grace, &at_end, &by));
    let thread = thread::Builder::new().name("async-dsl-sig".to_owned());
    if let Err(error) = thread.spawn(listen) {
        panic!("no thread can listen to the signals {ASKS:?}: {error}");
    }
    let output = block_on(async {
        let mut main = pin!(main);
        poll_fn(|cx| match main.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => end.poll(cx).map(|()| None),
        })
        .await
    });
    if output.is_none() || shutdown_token().is_cancelled() {
        wait_for_tasks(&end);
    }
    output.unwrap_or_else(|| process::exit(*code.get().unwrap_or(&FAILED)))
}

/// The status of a program that asked itself to end, and did not.
const FAILED: i32 = 1;

/// Waits for the tasks until the time is over, and cancels those that are left.
fn wait_for_tasks(end: &End) {
    let Some(global) = Handle::global_if_started() else {
        return;
    };
    global.wait_drained_or(|cx| end.poll(cx));
    let left = global.table.lines();
    if !left.is_empty() {
        let left = left.iter().map(|line| format!(" {line}"));
        let left: String = left.collect();
        tracing::warn!("the program is to end: the tasks that are left are cancelled:{left}");
        global.shut_down(Duration::ZERO, Location::caller());
    }
}

/// Waits for what asks the program to end, and for the end.
async fn listen(mut signals: Signals, grace: Duration, end: &End, code: &OnceLock<i32>) {
    let root = shutdown_token();
    let by_hand = async {
        root.cancelled().await;
        FAILED
    };
    let first = or(next(&mut signals), by_hand).await;
    let _ = code.set(first);
    root.cancel();
    if !is_asked_within(&mut signals, grace).await {
        end.come();
        is_asked_within(&mut signals, TO_DROP).await;
    }
    process::exit(first);
}

/// Whether a signal comes within this time.
async fn is_asked_within(signals: &mut Signals, time: Duration) -> bool {
    let asked = async {
        next(signals).await;
        true
    };
    let over = async {
        Timer::after(time).await;
        false
    };
    or(asked, over).await
}

/// The status of a program that the next signal ends.
async fn next(signals: &mut Signals) -> i32 {
    match signals.next().await {
        Some(Ok(Signal::Int)) => 128 + 2,
        Some(Ok(_)) => 128 + 15,
        Some(Err(_)) | None => std::future::pending().await,
    }
}
