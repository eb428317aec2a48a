//! The counters of a server.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::net::{Error, Limit};

macro_rules! counters {
    ($($(#[$meta:meta])* $name:ident,)+) => {
        /// What a server has counted since it started; one number for each of its limits. See
        /// [`Server::counters`](super::Server::counters).
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counters {
            /// Connections that are open now.
            pub open: usize,
            /// How often accepting paused because it failed, for want of descriptors most likely.
            pub pauses: u64,
            $($(#[$meta])* pub $name: u64,)+
        }

        #[derive(Debug, Default)]
        pub(crate) struct Tally { $(pub(crate) $name: AtomicU64,)+ }

        impl Tally {
            pub(crate) fn counters(&self, open: usize, pauses: u64) -> Counters {
                Counters { open, pauses, $($name: self.$name.load(Ordering::Relaxed),)+ }
            }
        }
    };
}

counters! {
    /// Connections that were passed to a handler.
    accepted,
    /// How often the limit of connections was reached, and the next connection left to wait.
    full,
    /// Connections beyond the limit that were closed at once.
    refused,
    /// Connections without a first byte in time.
    no_first_byte,
    /// Connections that were idle for too long.
    idle,
    /// Frames that were not whole in time.
    slow_frames,
    /// Frames that were too long.
    long_frames,
    /// Lines that were not UTF-8, ends within a frame, and whatever a codec rejected.
    bad_frames,
    /// Frames that the peer did not read in time.
    slow_readers,
    /// Connections that the operating system reported broken.
    broken,
    /// Handlers that exceeded their time limit.
    slow_handlers,
    /// Handlers that returned an error.
    failed_handlers,
    /// Handlers that panicked.
    panicked_handlers,
    /// Connections that a shutdown had to cut.
    cut,
}

/// Adds one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Tally {
    /// Counts an error that ended a direction of a connection. Returns how many of its kind came before.
    pub(crate) fn error(&self, error: &Error) -> u64 {
        let counter = match error {
            Error::Io(_) => &self.broken,
            Error::Elapsed(Limit::FirstByte) => &self.no_first_byte,
            Error::Elapsed(Limit::Idle) => &self.idle,
            Error::Elapsed(Limit::Frame) => &self.slow_frames,
            Error::Elapsed(Limit::Write) => &self.slow_readers,
            Error::Elapsed(Limit::Handler) => &self.slow_handlers,
            Error::TooLong { .. } => &self.long_frames,
            Error::InvalidUtf8 | Error::Truncated | Error::Codec(_) => &self.bad_frames,
            Error::Closed | Error::Elapsed(_) | Error::Handler | Error::Shutdown => return 0,
        };
        counter.fetch_add(1, Ordering::Relaxed)
    }
}
