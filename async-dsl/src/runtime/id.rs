//! The ids of tasks, unique across schedulers.

use std::borrow::Cow;

/// A name that the user gave to a channel, an agent or a task.
pub(crate) type Name = Cow<'static, str>;

/// The id of a task, or of a `block_on`, unique among those that are alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct TaskId(pub(crate) u64);

impl TaskId {
    /// No known task: a thread, or a task of another executor.
    pub(crate) const NONE: Self = Self(0);
    /// Makes the lower halves of the same number on two schedulers differ.
    const SPREAD: u32 = 0x9e37_79b1;
    const ROOT: u64 = 1 << 63;

    /// From the top: whether it is a `block_on` (1 bit), the upper part of the number (15), the scheduler (16), and the
    /// lower part of the number, offset by the other two (32).
    #[allow(clippy::cast_possible_truncation)] // halves are meant
    const fn pack(root: bool, scheduler: u16, number: u64) -> Self {
        let short = (number as u32)
            .wrapping_add((scheduler as u32).wrapping_mul(Self::SPREAD))
            .wrapping_add((root as u32) << 31);
        let upper = number >> 32 & 0x7fff;
        Self((root as u64) << 63 | upper << 48 | (scheduler as u64) << 32 | short as u64)
    }

    pub(crate) const fn new(scheduler: u16, number: u64) -> Self {
        Self::pack(false, scheduler, number)
    }

    /// Returns the id of the `number`th `block_on`.
    pub(crate) const fn root(number: u64) -> Self {
        Self::pack(true, 0, number)
    }

    #[allow(clippy::cast_possible_truncation)]
    pub(crate) const fn number(self) -> u64 {
        let (root, scheduler) = ((self.0 >> 63) as u32, (self.0 >> 32) as u16);
        let lower = self
            .short()
            .wrapping_sub((scheduler as u32).wrapping_mul(Self::SPREAD))
            .wrapping_sub(root << 31);
        (self.0 >> 48 & 0x7fff) << 32 | lower as u64
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }

    pub(crate) const fn of(id: u64) -> Self {
        Self(id)
    }

    /// Returns the lower half, which is unique among those that are alive, unless one of them is older by thousands of
    /// millions of tasks.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) const fn short(self) -> u32 {
        self.0 as u32
    }

    /// Returns the number of the task with this id; a `block_on` has none.
    pub(crate) const fn task_number(id: u64) -> Option<u64> {
        if id == 0 || id & Self::ROOT != 0 {
            None
        } else {
            Some(Self(id).number())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::runtime::id::TaskId;

    #[test]
    fn an_id_gives_its_number_back() {
        for number in [1, 2, 0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff] {
            for scheduler in [0, 1, 77, u16::MAX] {
                let id = TaskId::new(scheduler, number);
                assert_eq!(id.number(), number);
                assert_eq!(TaskId::task_number(id.get()), Some(number));
            }
            assert_eq!(TaskId::root(number).number(), number);
            assert_eq!(TaskId::task_number(TaskId::root(number).get()), None);
        }
    }

    #[test]
    fn halves_of_different_schedulers_differ() {
        let ids = (0..100).flat_map(|scheduler| (1..100).map(move |n| TaskId::new(scheduler, n)));
        let halves: std::collections::HashSet<u32> = ids.map(TaskId::short).collect();
        assert_eq!(halves.len(), 100 * 99);
    }
}
