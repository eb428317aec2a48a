//! Connections that have not shown yet that they may be here: no token over TCP, no line on a Unix socket.

use std::collections::VecDeque;
use std::sync::{Mutex, Weak};

use crate::net::{Conn, Error, Link};
use crate::sync::lock;

/// So many may be open at once, beside the sessions. The next one takes the place of the oldest, so that they never keep
/// out whoever does have a token.
pub(super) const MOST: usize = 16;

/// The oldest first, by the number of the connection.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<VecDeque<(u64, Weak<Link>)>>);

impl Strangers {
    /// One more, and one less if there are too many. Each counts until its socket is closed, or it [leaves](Self::leave).
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

    /// It is no stranger any more. Says whether it was one until now, and was not dropped.
    pub(super) fn leave(&self, number: u64) -> bool {
        let mut open = lock(&self.0);
        let at = open.iter().position(|(known, _)| *known == number);
        at.and_then(|at| open.remove(at)).is_some()
    }
}
