//! The buffer of a channel: values that were put and not yet taken.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A buffer of your own, for [`chan::with`](super::with).
///
/// Its methods run while the channel is locked: keep them short, and do not use the channel inside them, which would
/// deadlock. If one of them panics, the panic hook reports it and the channel goes on; the value in hand counts as
/// discarded.
///
/// # Examples
///
/// A buffer that keeps one value for each key, the latest:
///
/// ```
/// use async_dsl::chan::{self, Buffer};
///
/// struct Latest(Vec<(char, u32)>);
///
/// impl Buffer<(char, u32)> for Latest {
///     fn push(&mut self, value: (char, u32)) -> Option<(char, u32)> {
///         if let Some(old) = self.0.iter_mut().find(|old| old.0 == value.0) {
///             return Some(std::mem::replace(old, value));
///         }
///         self.0.push(value);
///         None
///     }
///     fn pop(&mut self) -> Option<(char, u32)> {
///         (!self.0.is_empty()).then(|| self.0.remove(0))
///     }
///     fn len(&self) -> usize {
///         self.0.len()
///     }
/// }
///
/// let prices = chan::with(Latest(Vec::new()));
/// for price in [('a', 1), ('b', 2), ('a', 3)] {
///     prices.try_put(price).unwrap();
/// }
/// assert_eq!(prices.try_take(), Ok(('a', 3)));
/// assert_eq!(prices.try_take(), Ok(('b', 2)));
/// assert_eq!(prices.discarded(), 1);
/// ```
pub trait Buffer<T>: Send {
    /// Accepts a value. Returns the value that is discarded for it, if any: this one, or an older one.
    /// It is only called when [`is_full`](Self::is_full) is false.
    fn push(&mut self, value: T) -> Option<T>;

    /// Removes and returns the next value, if there is one.
    fn pop(&mut self) -> Option<T>;

    /// Returns the number of values that [`pop`](Self::pop) would return.
    fn len(&self) -> usize;

    /// Returns whether there is nothing to take.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether putters have to park. By default they never do.
    fn is_full(&self) -> bool {
        false
    }

    /// Returns the number of values that fit, or `None` if that is not limited.
    fn capacity(&self) -> Option<usize> {
        None
    }
}

/// An unbounded channel warns when it first holds this many values, and at each doubling.
const WARN_AT: usize = 1 << 16;

/// A queue that drains keeps memory for this many values, and frees the rest.
pub(crate) const KEEP: usize = 1024;

/// What a channel does with a put when it is full, as [`inspect`](crate::inspect) shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Kind {
    /// It is never full.
    Unbounded,
    /// It parks putters; with a capacity of 0 it is a rendezvous.
    Fixed,
    /// It discards the new value.
    Dropping,
    /// It discards the oldest value.
    Sliding,
    /// The permits of a [`flow::permits`](crate::flow::permits): a put gives one back.
    Permits,
    /// A [`flow::watch`](crate::flow::watch): a put replaces the value.
    Watch,
    /// A [`flow::broadcast`](crate::flow::broadcast): it discards the oldest value.
    Broadcast,
    /// As a [`Buffer`] of the user's decides.
    Custom,
}

/// The buffer of a channel: one of ours, or the user's.
pub(crate) enum Store<T> {
    /// Of any kind but [`Kind::Custom`], for `size` values; an unbounded one warns at that length.
    Queue {
        items: VecDeque<T>,
        kind: Kind,
        size: usize,
    },
    Custom(Box<dyn Buffer<T>>),
}

impl Store<()> {
    /// Permits, all of which are there. They take no memory.
    pub(crate) fn units(count: usize) -> Self {
        Self::Queue {
            items: vec![(); count].into(),
            kind: Kind::Permits,
            size: count,
        }
    }
}

impl<T> Store<T> {
    /// An unbounded one ignores the size.
    pub(crate) const fn new(kind: Kind, size: usize) -> Self {
        let size = if matches!(kind, Kind::Unbounded) {
            WARN_AT
        } else {
            size
        };
        Self::Queue {
            items: VecDeque::new(),
            kind,
            size,
        }
    }

    /// Returns whether a value may go past the buffer, straight to a taker. A user's buffer sees every value.
    pub(crate) const fn may_bypass(&self) -> bool {
        matches!(self, Self::Queue { .. })
    }

    pub(crate) const fn is_rendezvous(&self) -> bool {
        matches!(
            self,
            Self::Queue {
                kind: Kind::Fixed,
                size: 0,
                ..
            }
        )
    }

    /// Sets the length at which an unbounded one warns next.
    pub(crate) const fn warn_at(&mut self, len: usize) {
        if let Self::Queue {
            kind: Kind::Unbounded,
            size,
            ..
        } = self
        {
            *size = len;
        }
    }

    /// Returns whether this length is to be warned of. The next such is twice that.
    pub(crate) const fn warns(&mut self, len: usize) -> bool {
        let Self::Queue {
            kind: Kind::Unbounded,
            size,
            ..
        } = self
        else {
            return false;
        };
        let warns = len >= *size;
        if warns {
            *size = len.saturating_mul(2);
        }
        warns
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Queue { kind, .. } => *kind,
            Self::Custom(_) => Kind::Custom,
        }
    }

    /// Returns whether one more value is accepted while `taken` places are used elsewhere.
    #[inline]
    pub(crate) fn has_room(&self, taken: usize) -> bool {
        match self {
            Self::Queue { items, kind, size } => {
                *kind != Kind::Fixed || items.len().saturating_add(taken) < *size
            }
            Self::Custom(buffer) => has_room(&**buffer, taken),
        }
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        match self {
            Self::Queue {
                kind: Kind::Unbounded,
                ..
            } => None,
            Self::Queue { size, .. } => Some(*size),
            Self::Custom(buffer) => survive(|| buffer.capacity()).flatten(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Queue { items, .. } => items.len(),
            Self::Custom(buffer) => survive(|| buffer.len()).unwrap_or(0),
        }
    }

    /// Adds a value. Returns what was discarded for it.
    pub(crate) fn push(&mut self, value: T) -> Discard<T> {
        match self {
            Self::Queue { items, kind, size } => match kind {
                Kind::Dropping if items.len() >= *size => Discard::One(value),
                Kind::Sliding if items.len() >= *size => {
                    let oldest = items.pop_front();
                    items.push_back(value);
                    oldest.map_or(Discard::Nothing, Discard::One)
                }
                _ => {
                    items.push_back(value);
                    Discard::Nothing
                }
            },
            Self::Custom(buffer) => match survive(|| buffer.push(value)) {
                Some(None) => Discard::Nothing,
                Some(Some(value)) => Discard::One(value),
                None => Discard::Gone,
            },
        }
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        match self {
            Self::Queue { .. } => self.pop_ours(),
            Self::Custom(buffer) => survive(|| buffer.pop()).flatten(),
        }
    }

    /// As [`pop`](Self::pop), of a buffer of ours.
    #[inline]
    pub(crate) fn pop_ours(&mut self) -> Option<T> {
        let Self::Queue { items, .. } = self else {
            return None;
        };
        let value = items.pop_front()?;
        if items.capacity() > KEEP {
            shrink(items);
        }
        Some(value)
    }

    /// Adds a value to a buffer of ours that has room for it beside `taken` others. Returns how many it has then; `None` if it
    /// is not such a one, or that length is to be warned of.
    #[inline]
    pub(crate) fn push_ours(&mut self, taken: usize, value: &mut Option<T>) -> Option<usize> {
        let Self::Queue { items, kind, size } = self else {
            return None;
        };
        let unbounded = usize::from(*kind == Kind::Unbounded);
        if items.len().saturating_add(taken) >= size.saturating_sub(unbounded) {
            return None;
        }
        items.push_back(value.take()?);
        Some(items.len())
    }

    /// Whether it is one of ours, and has no value.
    #[inline]
    pub(crate) fn is_empty_ours(&self) -> bool {
        matches!(self, Self::Queue { items, .. } if items.is_empty())
    }
}

/// What [`Store::push`] discarded.
pub(crate) enum Discard<T> {
    Nothing,
    One(T),
    /// The user's buffer panicked with the value in hand.
    Gone,
}

#[cold]
fn shrink<T>(items: &mut VecDeque<T>) {
    if items.len() < items.capacity() / 4 {
        items.shrink_to(items.capacity() / 2);
    }
}

#[cold]
fn has_room<T>(buffer: &dyn Buffer<T>, taken: usize) -> bool {
    let has_room = survive(|| {
        !buffer.is_full()
            && buffer
                .capacity()
                .is_none_or(|size| buffer.len().saturating_add(taken) < size)
    });
    has_room.unwrap_or(true)
}

/// Calls a method of a user's buffer. Returns `None` if it panicked; the panic hook has reported that by then.
fn survive<R>(call: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

impl<T> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue { items, kind, .. } => write!(f, "{kind:?}({} buffered)", items.len()),
            Self::Custom(_) => f.write_str("Custom"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // N17
    #[test]
    fn memory_returns_after_a_burst() {
        for kind in [Kind::Unbounded, Kind::Fixed, Kind::Dropping, Kind::Sliding] {
            let mut store = Store::new(kind, 1 << 20);
            let capacity = |store: &Store<u64>| match store {
                Store::Queue { items, .. } => items.capacity(),
                Store::Custom(_) => unreachable!("it is one of ours"),
            };
            for value in 0..1_000_000 {
                assert!(matches!(store.push(value), Discard::Nothing));
            }
            assert!(capacity(&store) >= 1_000_000);
            while store.pop().is_some() {
                assert!(capacity(&store) <= (4 * (store.len() + 1)).max(KEEP));
            }
            assert!(capacity(&store) <= KEEP, "{kind:?}");
        }
    }
}
