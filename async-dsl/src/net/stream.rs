//! Connections as streams of bytes, for the ecosystem.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Buf;
use futures_io::{AsyncRead, AsyncWrite};

use super::link::Link;
use super::output::Output;
use super::parked::Parked;
use super::turns::Ticket;
use super::{Conn, ConnPutter, ConnTaker, Error};
use crate::runtime::budget;
use crate::runtime::place::At;

fn poll_read(
    link: &Link,
    parked: &mut Parked,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<io::Result<usize>> {
    ready!(budget::poll_proceed(cx));
    let read = poll_input(link, &mut parked.ticket, cx, buffer);
    if read.is_ready() {
        parked.ends();
    } else {
        parked.waits(At::Unknown, link.transport.is_outside());
    }
    read.map_err(io::Error::from)
}

fn poll_input(
    link: &Link,
    ticket: &mut Ticket,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<Result<usize, Error>> {
    let mut input = ready!(link.input.poll_turn(ticket, cx));
    loop {
        if let Some(error) = link.fate() {
            input.end(link, Err(error));
        }
        if let Some(over) = input.take_over() {
            return Poll::Ready(over.map(|()| 0));
        }
        // Bytes that were read for a take come first.
        if !input.buffer.is_empty() {
            let read = buffer.len().min(input.buffer.len());
            input.buffer.copy_to_slice(&mut buffer[..read]);
            input.frame_taken();
            return Poll::Ready(Ok(read));
        }
        if input.is_at_end() {
            return Poll::Ready(Ok(0));
        }
        match input.poll_read(link, buffer, cx) {
            Poll::Ready(Err(error)) => input.end(link, Err(error)),
            Poll::Pending => {
                input.keep(cx);
                return Poll::Pending;
            }
            read @ Poll::Ready(_) => return read,
        }
    }
}

/// Polls the sending direction when it has its turn.
fn poll_output<T>(
    link: &Arc<Link>,
    parked: &mut Parked,
    cx: &mut Context<'_>,
    poll: impl FnOnce(&mut Output, &mut Context<'_>) -> Poll<Result<T, Error>>,
) -> Poll<io::Result<T>> {
    ready!(budget::poll_proceed(cx));
    let Poll::Ready(mut output) = link.output.poll_turn(&mut parked.ticket, cx) else {
        parked.waits(At::Unknown, link.transport.is_outside());
        return Poll::Pending;
    };
    let polled = poll(&mut output, cx);
    if polled.is_pending() {
        output.keep(cx);
        parked.waits(At::Unknown, link.transport.is_outside());
    } else {
        drop(output);
        parked.ends();
        link.leave_output(&mut parked.ticket);
    }
    polled.map_err(io::Error::from)
}

/// Returns the place in line of a handle's own polls.
fn own(parked: &mut Mutex<Parked>) -> &mut Parked {
    parked.get_mut().unwrap_or_else(PoisonError::into_inner)
}

macro_rules! read_side {
    ($port:ident) => {
        impl AsyncRead for $port {
            /// Parks until there are bytes, the end, or an error, which is returned once; after it is the end. A poll
            /// that parked keeps its turn until the next one.
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                let Self {
                    shared, reading, ..
                } = self.get_mut();
                let reading = own(reading);
                poll_read(&shared.link, reading, cx, buffer)
            }
        }
    };
}

read_side!(Conn);
read_side!(ConnTaker);

macro_rules! write_side {
    ($port:ident) => {
        impl AsyncWrite for $port {
            /// Parks until the socket takes bytes. A poll that parked keeps its turn until the next one.
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                let Self {
                    shared, writing, ..
                } = self.get_mut();
                let (link, writing) = (&shared.link, own(writing));
                poll_output(link, writing, cx, |output, cx| {
                    output.poll_write(link, bytes, cx)
                })
            }

            /// Parks until everything accepted earlier is written.
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                let Self {
                    shared, writing, ..
                } = self.get_mut();
                let (link, writing) = (&shared.link, own(writing));
                poll_output(link, writing, cx, |output, cx| output.poll_flush(link, cx))
            }

            /// Parks until everything is written, then ends the direction.
            fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                ready!(self.as_mut().poll_flush(cx))?;
                self.shared.link.close();
                Poll::Ready(Ok(()))
            }
        }
    };
}

write_side!(Conn);
write_side!(ConnPutter);
