//! A queue of waiters that can be left from the middle.
//!
//! Waiters live in a slab and are linked in the order they came, so that joining, leaving and finding the
//! first are each a handful of writes, and waiting allocates nothing once the slab has grown.

use slab::Slab;

/// Names a waiter. The ticket tells a slot that was freed and used again from the one that was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    index: usize,
    ticket: u64,
}

/// The place of a node; half as large as the slab's own, because nodes are copied at each wait.
type Index = u32;

const NONE: usize = usize::MAX;
const APART: Index = Index::MAX - 1;

/// No list has as many waiters as there are numbers: each of them is larger than a byte.
fn narrow(index: usize) -> Index {
    Index::try_from(index).unwrap_or(Index::MAX)
}

fn wide(index: Index) -> usize {
    if index == Index::MAX {
        NONE
    } else {
        index as usize
    }
}

/// Above this many free places an empty slab gives its memory back.
const KEEP: usize = 64;

#[derive(Debug)]
struct Node<W> {
    ticket: u64,
    /// [`APART`], if it is not in line to be matched. A waiter that was matched leaves the line, but stays in the slab until
    /// its owner has collected the result.
    prev: Index,
    next: Index,
    waiter: W,
}

impl<W> Node<W> {
    const fn is_queued(&self) -> bool {
        self.prev != APART
    }
}

#[derive(Debug)]
pub(crate) struct WaitList<W> {
    nodes: Slab<Node<W>>,
    head: usize,
    tail: usize,
    queued: usize,
    tickets: u64,
}

impl<W> WaitList<W> {
    pub(crate) const fn new() -> Self {
        Self {
            nodes: Slab::new(),
            head: NONE,
            tail: NONE,
            queued: 0,
            tickets: 0,
        }
    }

    /// Adds a waiter, at the end of the line if `queued`.
    pub(crate) fn insert(&mut self, waiter: W, queued: bool) -> Key {
        if self.nodes.capacity() == 0 {
            self.nodes.reserve_exact(1);
        }
        let ticket = self.tickets;
        self.tickets += 1;
        let index = self.nodes.insert(Node {
            ticket,
            prev: APART,
            next: Index::MAX,
            waiter,
        });
        if queued {
            self.link_after(index, self.tail);
        }
        Key { index, ticket }
    }

    pub(crate) fn get(&self, key: Key) -> Option<&W> {
        self.nodes
            .get(key.index)
            .filter(|node| node.ticket == key.ticket)
            .map(|node| &node.waiter)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut W> {
        self.nodes
            .get_mut(key.index)
            .filter(|node| node.ticket == key.ticket)
            .map(|node| &mut node.waiter)
    }

    /// Takes a waiter out, wherever it is.
    pub(crate) fn remove(&mut self, key: Key) -> Option<W> {
        self.get(key)?;
        self.unlink(key);
        let node = self.nodes.remove(key.index);
        if self.nodes.is_empty() && self.nodes.capacity() > KEEP {
            self.nodes = Slab::new();
        }
        Some(node.waiter)
    }

    /// Takes a waiter out of the line, but not out of the slab.
    pub(crate) fn unlink(&mut self, key: Key) {
        let Some(node) = self.nodes.get_mut(key.index) else {
            return;
        };
        if node.ticket != key.ticket || !node.is_queued() {
            return;
        }
        let (prev, next) = (wide(node.prev), wide(node.next));
        node.prev = APART;
        self.queued -= 1;
        self.set_next(prev, next);
        self.set_prev(next, prev);
    }

    /// Puts a waiter back into the line, where its ticket belongs: a waiter that was claimed in vain is
    /// served before all who came after it.
    pub(crate) fn relink(&mut self, key: Key) {
        let mut before = NONE;
        let mut next = self.head;
        while next != NONE && self.nodes[next].ticket < key.ticket {
            before = next;
            next = wide(self.nodes[next].next);
        }
        if self.get(key).is_some() && !self.nodes[key.index].is_queued() {
            self.link_after(key.index, before);
        }
    }

    /// The first in line.
    pub(crate) fn first(&self) -> Option<Key> {
        self.key_at(self.head)
    }

    /// The next in line.
    pub(crate) fn after(&self, key: Key) -> Option<Key> {
        self.key_at(wide(self.nodes[key.index].next))
    }

    /// Everybody in line, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &W> {
        let mut next = self.first();
        std::iter::from_fn(move || {
            let key = next?;
            next = self.after(key);
            self.get(key)
        })
    }

    /// Everybody who is not in line.
    pub(crate) fn apart(&self) -> Vec<Key> {
        let apart = self.nodes.iter().filter(|(_, node)| !node.is_queued());
        apart
            .map(|(index, node)| Key {
                index,
                ticket: node.ticket,
            })
            .collect()
    }

    /// How many are in line.
    pub(crate) const fn queued(&self) -> usize {
        self.queued
    }

    fn key_at(&self, index: usize) -> Option<Key> {
        self.nodes.get(index).map(|node| Key {
            index,
            ticket: node.ticket,
        })
    }

    fn link_after(&mut self, index: usize, prev: usize) {
        let next = if prev == NONE {
            self.head
        } else {
            wide(self.nodes[prev].next)
        };
        let node = &mut self.nodes[index];
        (node.prev, node.next) = (narrow(prev), narrow(next));
        self.queued += 1;
        self.set_next(prev, index);
        self.set_prev(next, index);
    }

    fn set_next(&mut self, of: usize, next: usize) {
        if of == NONE {
            self.head = next;
        } else {
            self.nodes[of].next = narrow(next);
        }
    }

    fn set_prev(&mut self, of: usize, prev: usize) {
        if of == NONE {
            self.tail = prev;
        } else {
            self.nodes[of].prev = narrow(prev);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(list: &WaitList<char>) -> String {
        list.iter().collect()
    }

    #[test]
    fn waiters_leave_from_anywhere_and_come_back_where_they_were() {
        let mut list = WaitList::new();
        let keys: Vec<_> = "abcd".chars().map(|c| list.insert(c, true)).collect();
        assert_eq!(line(&list), "abcd");
        list.unlink(keys[0]);
        list.unlink(keys[2]);
        list.unlink(keys[2]);
        assert_eq!((line(&list).as_str(), list.queued()), ("bd", 2));
        list.relink(keys[2]);
        list.relink(keys[0]);
        list.relink(keys[0]);
        assert_eq!((line(&list).as_str(), list.queued()), ("abcd", 4));
        assert_eq!(list.remove(keys[3]), Some('d'));
        assert_eq!(list.remove(keys[3]), None);
        assert_eq!(line(&list), "abc");
    }

    #[test]
    fn a_key_does_not_name_the_next_user_of_its_slot() {
        let mut list = WaitList::new();
        let old = list.insert('a', true);
        list.remove(old);
        let new = list.insert('b', true);
        assert_eq!((list.get(old), list.get(new)), (None, Some(&'b')));
        list.unlink(old);
        assert_eq!(line(&list), "b");
    }

    // N17
    #[test]
    fn memory_returns_after_a_crowd() {
        let mut list = WaitList::new();
        let keys: Vec<_> = (0..10_000).map(|n| list.insert(n, true)).collect();
        assert!(list.nodes.capacity() >= 10_000);
        for key in keys {
            list.remove(key);
        }
        assert!(list.nodes.capacity() <= KEEP);
    }
}
