//! The operations while nobody is in line and the buffer is one of ours: what most of them are. There is nobody to tell, so
//! they leave no effects.

use super::State;
use crate::chan::hint;

impl<T> State<T> {
    const fn nobody_waits(&self) -> bool {
        self.takers.queued() == 0 && self.putters.queued() == 0
    }

    /// Takes a stored value, if that is all there is to do.
    #[inline]
    pub(in crate::chan) fn take_alone(&mut self) -> Option<T> {
        if !self.nobody_waits() || !self.returned.is_empty() {
            return None;
        }
        let value = self.store.pop_ours()?;
        self.fills += 1;
        self.stats.takes += 1;
        self.users.took(self.stats.takes);
        Some(value)
    }

    /// Puts the value into the buffer, if that is all there is to do. Returns whether it did.
    #[inline]
    pub(in crate::chan) fn put_alone(&mut self, value: &mut Option<T>) -> bool {
        if self.closed || !self.nobody_waits() || !self.returned.is_empty() {
            return false;
        }
        let Some(len) = self.store.push_ours(self.reserved as usize, value) else {
            return false;
        };
        self.stats.puts += 1;
        self.users.put(self.stats.puts);
        self.stats.high_water = self.stats.high_water.max(len);
        true
    }

    /// The [hint](super::hint) after one of these.
    #[inline]
    pub(in crate::chan) fn hint_alone(&self) -> u8 {
        let due = self.hint_due();
        if self.closed {
            return hint::CLOSED | hint::TAKE | hint::PUT | hint::TRY_PUT | due;
        }
        let takes = if self.store.is_empty_ours() {
            0
        } else {
            hint::TAKE
        };
        let puts = if self.has_room() {
            hint::PUT | hint::TRY_PUT
        } else {
            0
        };
        takes | puts | due
    }
}
