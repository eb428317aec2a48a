//! The rest of the work when no task waits for it: writing accepted bytes, and reading the peer to its end.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::link::Link;
use super::output::Output;
use super::turns::{InLine, Turn};
use super::{Error, Limit};
use crate::runtime::running;
use crate::runtime::time::timeout;

/// The time for accepted bytes to be written, if the connection has no write limit.
const FLUSH: Duration = Duration::from_secs(10);

/// Writes what was accepted, ends the direction if it is closed, and reads the peer to its end if the connection is to
/// linger; each within a time limit.
pub(super) async fn wind_up(link: Arc<Link>) {
    let _outside = link
        .transport
        .is_outside()
        .then(|| running::current().outside());
    let limit = link.limits.write.unwrap_or(FLUSH);
    let mut place = InLine::new(&link.output);
    let flushed = timeout(
        limit,
        poll_fn(|cx| {
            let mut output = ready!(place.poll_turn(cx));
            if let Poll::Ready(flushed) = poll_flushed(&mut output, &link, cx) {
                return Poll::Ready(flushed);
            }
            output.keep(cx);
            Poll::Pending
        }),
    )
    .await;
    drop(place);
    if flushed.is_err() {
        link.abort(Error::Elapsed(Limit::Write));
    }
    if let Some(limit) = link.limits.linger.filter(|_| link.has_to_linger()) {
        // What comes later is not read.
        let _ = timeout(limit, hear_out(&link)).await;
    }
}

fn poll_flushed(output: &mut Turn<'_, Output>, link: &Link, cx: &mut Context<'_>) -> Poll<()> {
    // A failed direction has nothing left to write either.
    let _ = ready!(output.poll_flush(link, cx));
    if link.is_closing() {
        output.shut(link);
    }
    output.winding_up = false;
    Poll::Ready(())
}

/// Reads to the peer's end, and discards what it reads.
async fn hear_out(link: &Link) {
    let mut place = InLine::new(&link.input);
    poll_fn(|cx| {
        let mut input = ready!(place.poll_turn(cx));
        for _ in 0..READS {
            match input.poll_forget(link, cx) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(()),
                Poll::Pending => {
                    input.keep(cx);
                    return Poll::Pending;
                }
            }
        }
        input.keep(cx);
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The number of reads in one poll.
const READS: usize = 16;
