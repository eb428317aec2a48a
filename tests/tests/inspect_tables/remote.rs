//! A broker and its queues, as a crate would list them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use async_dsl::chan::{Source, Take, Target};
use async_dsl::inspect::{At, Listing, Row, RowId, Show, Table};
use async_dsl::prelude::*;

static BROKERS: Table = Table::new("broker", &["state"]);
static REMOTE: Table = Table::new("remote channel", &["kind", "put", "taken", "state"])
    .headed("channel")
    .short("remote");

pub(super) struct Broker {
    pub(super) listing: Listing,
}

impl Show for Broker {
    fn show(&self) -> Option<Row> {
        Some(
            Row::new()
                .cell("connected")
                .heading("amqp://jobs@broker.example (connected 3min)"),
        )
    }
}

pub(super) fn broker() -> Arc<Broker> {
    Arc::new_cyclic(|broker: &Weak<Broker>| Broker {
        listing: BROKERS.list(broker.clone()),
    })
}

/// A queue of a broker behind a local channel, as a crate would build it.
pub(super) struct Remote {
    pub(super) name: &'static str,
    pub(super) of: Option<RowId>,
    pub(super) local: Chan<u32>,
    pub(super) put: AtomicU64,
    pub(super) is_locked: AtomicBool,
    pub(super) panics: AtomicBool,
    pub(super) is_local: bool,
    pub(super) shown: AtomicU64,
    pub(super) listing: Listing,
}

impl Show for Remote {
    fn show(&self) -> Option<Row> {
        self.shown.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics.load(Ordering::Relaxed), "no row today");
        if self.is_locked.load(Ordering::Relaxed) {
            return None;
        }
        let row = Row::new()
            .named(self.name)
            .cell("quorum")
            .cell(self.put.load(Ordering::Relaxed))
            .cell('–')
            .cell("sending")
            .status("256 in flight")
            .stands_for(self.local.number());
        let row = match self.of {
            Some(broker) => row.part_of(broker),
            None => row,
        };
        Some(if self.is_local {
            row
        } else {
            row.woken_from_outside()
        })
    }
}

pub(super) fn remote(name: &'static str, of: Option<&Broker>, is_local: bool) -> Arc<Remote> {
    Arc::new_cyclic(|remote: &Weak<Remote>| Remote {
        name,
        of: of.map(|broker| broker.listing.id()),
        local: chan::fixed(1).named("window"),
        put: AtomicU64::new(0),
        is_locked: AtomicBool::new(false),
        panics: AtomicBool::new(false),
        is_local,
        shown: AtomicU64::new(0),
        listing: REMOTE.list(remote.clone()),
    })
}

/// Both ends of it, as users have them.
pub(super) struct Remotely(pub(super) Arc<Remote>);

impl Source for Remotely {
    type Item = u32;
    type Take<'a> = Take<'a, u32>;

    fn take_operation(&self, at: At) -> Take<'_, u32> {
        self.0.local.take_operation(at)
    }
}

impl Target for Remotely {
    type Item = u32;
    type Put<'a> = <Chan<u32> as Target>::Put<'a>;
    type PutFor<'a> = <Chan<u32> as Target>::PutFor<'a>;
    type Reserve<'a> = <Chan<u32> as Target>::Reserve<'a>;

    fn put_operation(&self, value: u32, at: At) -> Self::Put<'_> {
        self.0.local.put_operation(value, at)
    }

    fn put_for_operation(&self, value: u32, time: std::time::Duration, at: At) -> Self::PutFor<'_> {
        self.0.local.put_for_operation(value, time, at)
    }

    fn reserve_operation(&self, at: At) -> Self::Reserve<'_> {
        self.0.local.reserve_operation(at)
    }
}
