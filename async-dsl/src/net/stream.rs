//! Connections as streams of bytes, for the ecosystem.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use futures_io::{AsyncRead, AsyncWrite};

use super::conn::Parked;
use super::link::Link;
use super::{Conn, ConnPutter, ConnTaker};
use crate::scheduler::{Outside, budget};

fn poll_read(
    link: &Link,
    parked: &mut Parked,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<io::Result<usize>> {
    ready!(budget::poll_proceed(cx));
    let mut input = ready!(link.input.poll_turn(&mut parked.ticket, cx));
    if let Some(error) = link.fate() {
        input.end(Err(error));
    }
    if let Some(over) = input.over() {
        return Poll::Ready(over.map(|()| 0).map_err(io::Error::from));
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
        Poll::Ready(read) => {
            parked.outside = None;
            if let Err(error) = &read {
                input.end(Err(error.clone()));
            }
            Poll::Ready(read.map_err(io::Error::from))
        }
        Poll::Pending => {
            input.keep(cx);
            park(link, parked);
            Poll::Pending
        }
    }
}

fn park(link: &Link, parked: &mut Parked) {
    if parked.outside.is_none() && link.transport.is_outside() {
        parked.outside = Some(Outside::new());
    }
}

macro_rules! read_side {
    ($port:ident) => {
        impl AsyncRead for $port {
            /// Parks until there are bytes. A poll that parked keeps its turn until the next one.
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                let Self {
                    shared, reading, ..
                } = self.get_mut();
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
                ready!(budget::poll_proceed(cx));
                let Self {
                    shared, writing, ..
                } = self.get_mut();
                let link = &shared.link;
                let mut output = ready!(link.output.poll_turn(&mut writing.ticket, cx));
                let written = output.poll_write(link, bytes, cx);
                if written.is_pending() {
                    output.keep(cx);
                    park(link, writing);
                    return Poll::Pending;
                }
                writing.outside = None;
                drop(output);
                link.leave_output(&mut writing.ticket);
                written.map_err(io::Error::from)
            }

            /// Parks until everything accepted earlier is written.
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                let Self {
                    shared, writing, ..
                } = self.get_mut();
                let link = &shared.link;
                let mut output = ready!(link.output.poll_turn(&mut writing.ticket, cx));
                let flushed = output.poll_flush(link, cx);
                if flushed.is_pending() {
                    output.keep(cx);
                    park(link, writing);
                    return Poll::Pending;
                }
                writing.outside = None;
                drop(output);
                link.leave_output(&mut writing.ticket);
                flushed.map_err(io::Error::from)
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
