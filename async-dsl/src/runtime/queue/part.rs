//! A worker's part of the run queue.
//!
//! Its owner takes from it in this order: the task that it woke last, which finds in the cache what was done for it; of the
//! tasks that it started the newest, so that a tree of tasks is gone through in depth and few of them live at a time; and the
//! tasks that it woke, the oldest first. Each of these gives way to the others after some turns, so that nothing waits for
//! ever: see [`Local::pop`].

use std::cell::Cell;
use std::sync::atomic::AtomicU32;

use super::deque::{Others, Own, Slot, deque};
use crate::runtime::sync::Arc;
use crate::runtime::sync::atomic::{AtomicBool, Ordering};

/// What waits in a queue.
pub(crate) trait Item {
    /// Ends it, since it will not be handed out any more. This may run foreign code, and push to the same queue; it must
    /// not unwind.
    fn discard(self);
}

/// Why an item is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Started,
    Woken,
    /// It woke itself in its turn: it lets others go first.
    Yielded,
}

/// What a worker looks at when it pushes to its own part.
#[derive(Debug)]
pub(super) struct Signs {
    pub(super) stopped: AtomicBool,
    /// Workers are idle, and none of them is the guard.
    pub(super) unguarded: AtomicBool,
    /// What is pushed to a part that is in order goes to the shared one: its driver is not alone, or something was moved there.
    pub(super) all_shared: AtomicBool,
}

/// What others see of a part. Aligned so that no two workers write to the same cache line.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Part<T> {
    slot: Slot<T>,
    /// The slot may hold an item. Only its owner writes here.
    in_slot: AtomicBool,
    woken: Others<T>,
    started: Others<T>,
    /// How many items its owner has taken. It wraps around.
    turns: AtomicU32,
}

impl<T> Part<T> {
    pub(super) fn len(&self) -> usize {
        let slot = usize::from(self.in_slot.load(Ordering::Acquire));
        self.woken.len() + self.started.len() + slot
    }

    pub(super) fn turns(&self) -> u32 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Takes one item.
    pub(super) fn steal(&self) -> Option<T> {
        let queued = self.woken.steal().or_else(|| self.started.steal());
        queued.or_else(|| self.steal_slot())
    }

    fn steal_slot(&self) -> Option<T> {
        if self.in_slot.load(Ordering::Acquire) {
            self.slot.swap(None)
        } else {
            None
        }
    }
}

/// A part, as its owner has it.
#[derive(Debug)]
pub(crate) struct Local<T> {
    /// Tells it from the other parts of the queue.
    index: usize,
    part: Arc<Part<T>>,
    woken: Own<T>,
    started: Own<T>,
    /// The slot held an item when its owner last looked.
    in_slot: Cell<bool>,
    /// Items taken from the slot in a row.
    in_a_row: Cell<u32>,
    turn: Cell<u32>,
    /// Its owner is idle, so that nobody comes to what is pushed here.
    sleeps: Cell<bool>,
    /// What was pushed first is taken first.
    in_order: bool,
    signs: Arc<Signs>,
}

/// So many parts, as others see them, and as their owners have them.
pub(super) fn parts<T>(
    count: usize,
    in_order: bool,
    signs: &Arc<Signs>,
) -> (Parts<T>, Vec<Local<T>>) {
    let part = |index| part(index, in_order, signs);
    let (parts, locals): (Vec<_>, Vec<_>) = (0..count).map(part).unzip();
    (parts.into_boxed_slice(), locals)
}

pub(super) type Parts<T> = Box<[Arc<Part<T>>]>;

fn part<T>(index: usize, in_order: bool, signs: &Arc<Signs>) -> (Arc<Part<T>>, Local<T>) {
    let (woken, others_of_woken) = deque(false);
    let (started, others_of_started) = deque(true);
    let part = Arc::new(Part {
        slot: Slot::new(),
        in_slot: AtomicBool::new(false),
        woken: others_of_woken,
        started: others_of_started,
        turns: AtomicU32::new(0),
    });
    let local = Local {
        index,
        part: Arc::clone(&part),
        woken,
        started,
        in_slot: Cell::new(false),
        in_a_row: Cell::new(0),
        turn: Cell::new(0),
        sleeps: Cell::new(false),
        in_order,
        signs: Arc::clone(signs),
    };
    (part, local)
}

/// The slot gives way after so many items in a row.
const IN_A_ROW: u32 = 16;

impl<T> Local<T> {
    /// Whether these are the signs of its queue.
    #[inline]
    pub(super) fn has(&self, signs: &Arc<Signs>) -> bool {
        Arc::ptr_eq(&self.signs, signs)
    }

    /// A number below that of the queue's parts.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(super) fn owns(&self, part: &Arc<Part<T>>) -> bool {
        Arc::ptr_eq(&self.part, part)
    }

    /// Whether [a guard is to be called](RunQueue::call_guard) after a push.
    #[inline]
    pub(crate) fn is_unguarded(&self) -> bool {
        self.signs.unguarded.load(Ordering::Relaxed)
    }

    /// Its owner is idle from now on, or is not. Returns whether that is new.
    #[inline]
    pub(super) fn sleeps(&self, sleeps: bool) -> bool {
        self.sleeps.replace(sleeps) != sleeps
    }

    /// Adds an item. It comes back if the queue is stopped, and if the owner is idle: what it wakes then, as it polls the
    /// reactor, is for the shared part, which wakes a worker for it.
    #[inline]
    pub(crate) fn push(&self, item: T, how: How) -> Result<(), T> {
        if self.sleeps.get() || self.signs.stopped.load(Ordering::Acquire) {
            return Err(item);
        }
        if self.in_order {
            return self.push_in_order(item);
        }
        match how {
            How::Started => self.started.push(item),
            How::Yielded => self.woken.push(item),
            How::Woken => {
                if !self.in_slot.replace(true) {
                    self.part.in_slot.store(true, Ordering::Release);
                }
                if let Some(earlier) = self.part.slot.swap(Some(item)) {
                    self.woken.push(earlier);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn push_in_order(&self, item: T) -> Result<(), T> {
        if self.signs.all_shared.load(Ordering::Acquire) {
            return Err(item);
        }
        self.woken.push(item);
        Ok(())
    }

    /// How many items are in a part that is in order: exact for its owner, while nobody steals.
    #[inline]
    pub(super) fn len_in_order(&self) -> usize {
        self.part.woken.len()
    }

    /// Adds what others have pushed to the shared part.
    pub(super) fn extend(&self, items: impl Iterator<Item = T>) {
        items.for_each(|item| self.woken.push(item));
    }

    /// Takes the first item of a part that is in order.
    #[inline]
    pub(super) fn pop_first(&self) -> Option<T> {
        self.woken.pop()
    }

    /// Takes an item. What is in the queue of the woken is taken at every second turn that the slot leaves, and the task that
    /// was started first at every eighth of those; the slot leaves at least one turn in 17. So an item that has `n` before it
    /// in the first waits for at most 34 (n + 1) turns, in the second for at most 136 (n + 1).
    #[inline]
    pub(super) fn pop(&self) -> Option<T> {
        let item = self.choose()?;
        let turns = self.part.turns.load(Ordering::Relaxed);
        self.part
            .turns
            .store(turns.wrapping_add(1), Ordering::Relaxed);
        Some(item)
    }

    #[inline]
    fn choose(&self) -> Option<T> {
        if self.in_slot.get() {
            self.in_slot.set(false);
            self.part.in_slot.store(false, Ordering::Release);
            if let Some(item) = self.part.slot.swap(None) {
                let in_a_row = self.in_a_row.get() + 1;
                if in_a_row <= IN_A_ROW {
                    self.in_a_row.set(in_a_row);
                    return Some(item);
                }
                self.woken.push(item);
            }
        }
        self.in_a_row.set(0);
        let turn = self.turn.get().wrapping_add(1);
        self.turn.set(turn);
        if turn % 2 == 0 {
            let woken = self.woken.pop();
            return woken.or_else(|| self.started.pop());
        }
        let started = if turn % 8 == 1 {
            self.part.started.steal()
        } else {
            self.started.pop()
        };
        started.or_else(|| self.woken.pop())
    }

    /// Takes what was started last.
    pub(super) fn pop_started(&self) -> Option<T> {
        self.started.pop()
    }

    /// Takes from another's part: half of what it has woken, or else of what it has started, of each the oldest; or else what
    /// is in its slot. Returns one of them, and keeps the rest.
    pub(super) fn steal_from(&self, part: &Part<T>) -> Option<T> {
        let woken = part.woken.steal_half(&self.woken);
        let queued = woken.or_else(|| part.started.steal_half(&self.started));
        queued.or_else(|| part.steal_slot())
    }
}

impl<T: Item> Local<T> {
    /// Discards what was pushed here as the queue was stopped.
    #[cold]
    pub(super) fn discard_all(&self) {
        while let Some(item) = self.pop() {
            item.discard();
        }
    }
}
