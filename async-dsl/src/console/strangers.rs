//! Connections that have not authenticated yet: no token over TCP, no line on a Unix socket.

use std::collections::VecDeque;
use std::sync::{Mutex, Weak};

use crate::net::{Conn, Error, Link};
use crate::runtime::sync::lock;

/// The most that may be open, beside the sessions. The next one takes the place of the oldest, so that strangers never
/// keep out a client with the token.
pub(super) const MOST: usize = 16;

/// The oldest first, each with its connection's number.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<VecDeque<(u64, Weak<Link>)>>);

impl Strangers {
    /// Adds a connection, and cuts the oldest if there are too many. Each counts until its socket is closed, or it
    /// [leaves](Self::leave).
    pub(super) fn enter(&self, number: u64, conn: &Conn) {
        let oldest = {
            let mut open = lock(&self.0);
            open.retain(|(_, link)| link.strong_count() > 0);
            open.push_back((number, conn.link()));
            if open.len() > MOST {
                open.pop_front()
            } else {
                None
            }
        };
        if let Some(link) = oldest.and_then(|(_, link)| link.upgrade()) {
            link.abort(Error::Shutdown);
        }
    }

    /// Removes a connection. Returns `false` if it was cut before.
    pub(super) fn leave(&self, number: u64) -> bool {
        let mut open = lock(&self.0);
        let at = open.iter().position(|(known, _)| *known == number);
        at.and_then(|at| open.remove(at)).is_some()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use futures_lite::future::{block_on, poll_once};

    use super::*;
    use crate::net::unix;

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let strangers = Strangers::default();
        let pairs: Vec<_> = (0..MOST + 3).map(|_| unix::pair().unwrap()).collect();
        let enter = |at: usize| strangers.enter(at as u64, &pairs[at].0);
        for at in 0..MOST {
            enter(at);
        }
        let gone = |at: usize| {
            let taken = block_on(poll_once(pairs[at].0.take()));
            matches!(taken, Some(Some(Err(Error::Shutdown))))
        };
        assert!(!gone(0));
        enter(MOST);
        assert!(gone(0) && !gone(1));
        assert!(!strangers.leave(0), "it was dropped");
        // A connection that leaves makes room too.
        assert!(strangers.leave(1));
        enter(MOST + 1);
        assert!(!gone(1) && !gone(2));
        enter(MOST + 2);
        assert!(!gone(1) && gone(2) && !gone(3));
    }

    #[test]
    fn a_connection_that_is_closed_counts_no_more() {
        let strangers = Strangers::default();
        let (first, _other) = unix::pair().unwrap();
        strangers.enter(0, &first);
        for number in 1..100 {
            let (closed, _other) = unix::pair().unwrap();
            strangers.enter(number, &closed);
        }
        assert!(strangers.leave(0));
    }
}
