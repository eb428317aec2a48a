//! How an input of a mix is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use crate::runtime::sync::{Mutex, lock};
use crate::runtime::wake::wake_all;

/// What all inputs of a mix share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The number of inputs that are soloed.
    soloed: AtomicUsize,
    pub(super) discarded: AtomicU64,
}

pub(super) const PLAY: u8 = 0;
pub(super) const MUTE: u8 = 1;
pub(super) const PAUSE: u8 = 2;
pub(super) const SOLO: u8 = 3;
/// Removed, or ended: it stays so.
pub(super) const OVER: u8 = 4;

/// The control of one input.
pub(super) struct Knob {
    pub(super) desk: Arc<Desk>,
    /// Set under the lock of `waker`.
    mode: AtomicU8,
    /// That of the input's task.
    waker: Mutex<Option<Waker>>,
    pub(super) discarded: AtomicU64,
}

impl Knob {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            mode: AtomicU8::new(PLAY),
            waker: Mutex::new(None),
            discarded: AtomicU64::new(0),
        }
    }

    pub(super) fn mode(&self) -> u8 {
        self.mode.load(Ordering::Acquire)
    }

    pub(super) fn set(&self, mode: u8) {
        let mut waker = lock(&self.waker);
        let old = self.mode();
        if old == OVER {
            return;
        }
        self.mode.store(mode, Ordering::Release);
        if mode == SOLO && old != SOLO {
            self.desk.soloed.fetch_add(1, Ordering::AcqRel);
        } else if mode != SOLO && old == SOLO {
            self.desk.soloed.fetch_sub(1, Ordering::AcqRel);
        }
        let parked = waker.take();
        drop(waker);
        wake_all(parked);
    }

    /// Whether what is taken now is to be discarded.
    pub(super) fn is_muted(&self) -> bool {
        match self.mode() {
            SOLO => false,
            MUTE => true,
            _ => self.desk.soloed.load(Ordering::Acquire) > 0,
        }
    }

    pub(super) fn discard(&self) {
        self.discarded.fetch_add(1, Ordering::Relaxed);
        self.desk.discarded.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns what the input does, in a word.
    pub(super) fn says(&self) -> &'static str {
        match self.mode() {
            PLAY => "plays",
            MUTE => "muted",
            PAUSE => "paused",
            SOLO => "soloed",
            _ => "over",
        }
    }

    /// Ready once the mode is one of these.
    pub(super) fn poll(&self, cx: &Context<'_>, is_it: impl Fn(u8) -> bool) -> Poll<()> {
        let fresh = cx.waker().clone();
        let mut waker = lock(&self.waker);
        if is_it(self.mode()) {
            drop(waker);
            return Poll::Ready(());
        }
        let old = waker.replace(fresh);
        drop(waker);
        drop(old);
        Poll::Pending
    }
}
