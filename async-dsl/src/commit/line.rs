//! The line of waiters: in the order they came, and left from any position. The only place where waiters are linked.
//!
//! Waiters live in a slab and are linked in the order of their turns, so that joining, leaving and finding the first are
//! each a handful of writes, and waiting allocates nothing once the slab has grown. It is a slab of its own, because a waiter
//! is written and read in its place there: one that is moved through the stack costs more than all else about a wait.
//!
//! There are three handles to a waiter. Its owner has the [`Place`], which exists exactly as long as the waiter:
//! leaving consumes it, so no look-up by it can fail. (A put that is accepted is [removed](Line::remove) at once; its owner
//! compares its turn before it uses the place.) The rules that run under the lock use its [`Seat`]: they walk the
//! line, but never remove a waiter from the slab. A permit has a [`Ticket`], which may be stale: the only look-up that
//! can fail.

/// The owner's handle to its waiter. Not `Copy`: leaving consumes it.
#[derive(Debug)]
pub(crate) struct Place(Seat);

/// A handle to a waiter within one critical section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat(Index);

/// A permit's handle to a waiter that it does not own. The turn distinguishes it from a later waiter at the same index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    seat: Seat,
    turn: u64,
}

type Index = u32;

/// The end of the line.
const NONE: Index = Index::MAX;
/// Not in line, or nobody's.
const APART: Index = Index::MAX - 1;

/// A slab without waiters and with a larger capacity is deallocated.
const KEEP: usize = 64;

/// Whoever has a place has a waiter there.
const SEATED: &str = "a place is that of a waiter";

#[derive(Debug)]
struct Node<W> {
    /// The line is sorted by it.
    turn: u64,
    /// [`APART`], if it is not in line. A waiter that was claimed leaves the line, but stays in the slab until its owner
    /// has collected the result.
    prev: Index,
    /// Without a waiter, the next place that is free.
    next: Index,
    waiter: Option<W>,
}

#[derive(Debug)]
pub(crate) struct Line<W> {
    nodes: Vec<Node<W>>,
    /// The first place that is free.
    free: Index,
    /// How many waiters there are, in line or not.
    seated: u32,
    head: Index,
    tail: Index,
    queued: u32,
    turns: u64,
    /// Somebody looked for a waiter to claim, and none of those in line could be.
    idle: bool,
}

impl Place {
    pub(crate) const fn seat(&self) -> Seat {
        self.0
    }

    /// That of a waiter that was removed on its owner's behalf before it had one.
    pub(crate) const fn nowhere() -> Self {
        Self(Seat(NONE))
    }
}

impl<W> Line<W> {
    pub(crate) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            free: NONE,
            seated: 0,
            head: NONE,
            tail: NONE,
            queued: 0,
            turns: 1,
            idle: false,
        }
    }

    /// Adds a waiter at the end of the line. It is made in its place.
    #[inline]
    pub(crate) fn join(&mut self, waiter: impl FnOnce() -> W) -> Place {
        let place = self.seat_apart(waiter);
        self.link_after(place.0.0, self.tail);
        place
    }

    /// Adds a waiter that is not in line, because it is promised a value already.
    #[inline]
    pub(crate) fn seat_apart(&mut self, waiter: impl FnOnce() -> W) -> Place {
        if self.free == NONE {
            self.grow();
        }
        let index = self.free;
        let turn = self.turns;
        self.turns += 1;
        self.seated += 1;
        let node = self.node_mut(index);
        let next_free = std::mem::replace(&mut node.next, NONE);
        node.turn = turn;
        let None = node.waiter else {
            unreachable!("the place is free")
        };
        node.waiter = Some(waiter()); // here nothing is dropped, so it is made in its place
        self.free = next_free;
        Place(Seat(index))
    }

    /// Adds a place that is free.
    #[cold]
    fn grow(&mut self) {
        if self.nodes.capacity() == 0 {
            self.nodes.reserve_exact(1);
        }
        let index = Index::try_from(self.nodes.len()).ok();
        let index = index.filter(|index| *index < APART);
        self.free = index.expect("4 294 967 294 waiters would fill hundreds of gigabytes");
        self.nodes.push(Node {
            turn: 0,
            prev: APART,
            next: NONE,
            waiter: None,
        });
    }

    /// Removes a waiter from the slab, and from the line if it is in it.
    pub(crate) fn leave(&mut self, place: Place) -> W {
        self.leave_with(place, |waiter| waiter)
    }

    /// The same for who does not need all of it.
    #[inline]
    pub(crate) fn leave_with<R>(&mut self, Place(seat): Place, end: impl FnOnce(W) -> R) -> R {
        self.remove(seat, end)
    }

    /// Removes a waiter on its owner's behalf, who must learn from its turn that its place is no more.
    #[inline]
    pub(crate) fn remove<R>(&mut self, seat: Seat, end: impl FnOnce(W) -> R) -> R {
        self.unlink(seat);
        let free = std::mem::replace(&mut self.free, seat.0);
        self.seated -= 1;
        let node = self.node_mut(seat.0);
        node.next = free;
        let result = end(node.waiter.take().expect(SEATED));
        if self.seated == 0 && self.nodes.capacity() > KEEP {
            self.nodes = Vec::new();
            self.free = NONE;
        }
        result
    }

    #[inline]
    pub(crate) fn at(&self, seat: Seat) -> &W {
        self.node(seat.0).waiter.as_ref().expect(SEATED)
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, seat: Seat) -> &mut W {
        self.node_mut(seat.0).waiter.as_mut().expect(SEATED)
    }

    /// Returns the turn of a waiter: those that join later have higher ones.
    pub(crate) fn turn(&self, seat: Seat) -> u64 {
        self.node(seat.0).turn
    }

    /// Returns a ticket for a waiter, to be used in a later critical section.
    pub(crate) fn ticket(&self, seat: Seat) -> Ticket {
        let turn = self.node(seat.0).turn;
        Ticket { seat, turn }
    }

    /// Returns the waiter of a ticket, unless it has left.
    pub(crate) fn find(&self, ticket: Ticket) -> Option<Seat> {
        let node = self.nodes.get(ticket.seat.0 as usize)?;
        (node.turn == ticket.turn && node.waiter.is_some()).then_some(ticket.seat)
    }

    /// Removes a waiter from the line, but not from the slab.
    pub(crate) fn unlink(&mut self, seat: Seat) {
        let node = self.node_mut(seat.0);
        if node.prev == APART {
            return;
        }
        let (prev, next) = (node.prev, node.next);
        node.prev = APART;
        self.queued -= 1;
        self.set_next(prev, next);
        self.set_prev(next, prev);
    }

    /// Puts a waiter back into the line, in the position of its turn: one that was claimed in vain is served before all
    /// that came after it.
    pub(crate) fn put_back(&mut self, seat: Seat) {
        let Node { turn, prev, .. } = *self.node(seat.0);
        if prev != APART {
            return;
        }
        let (mut before, mut next) = (NONE, self.head);
        while next != NONE && self.node(next).turn < turn {
            before = next;
            next = self.node(next).next;
        }
        self.link_after(seat.0, before);
    }

    /// Moves a waiter to the end of the line, whether or not it is in line: it has a new turn.
    pub(crate) fn rejoin(&mut self, seat: Seat) {
        if self.tail == seat.0 {
            return;
        }
        self.unlink(seat);
        self.node_mut(seat.0).turn = self.turns;
        self.turns += 1;
        self.link_after(seat.0, self.tail);
    }

    /// Returns the first waiter in line.
    pub(crate) fn front(&self) -> Option<Seat> {
        (self.head != NONE).then_some(Seat(self.head))
    }

    /// Returns the next waiter in line.
    pub(crate) fn after(&self, seat: Seat) -> Option<Seat> {
        let next = self.node(seat.0).next;
        (next != NONE).then_some(Seat(next))
    }

    /// Returns the waiters in line, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &W> {
        std::iter::successors(self.front(), |seat| self.after(*seat)).map(|seat| self.at(seat))
    }

    /// Returns the waiters that are not in line.
    pub(crate) fn apart(&self) -> impl Iterator<Item = (Seat, &W)> {
        let nodes = (0..).map(Seat).zip(&self.nodes);
        let apart = nodes.filter(|(_, node)| node.prev == APART);
        apart.filter_map(|(seat, node)| Some((seat, node.waiter.as_ref()?)))
    }

    /// Returns the number of waiters in line.
    pub(crate) const fn queued(&self) -> usize {
        self.queued as usize
    }

    /// To be called when none of the waiters in line could be claimed.
    pub(crate) const fn none_claimed(&mut self) {
        self.idle = true;
    }

    /// Returns whether a waiter is in line, and the last attempt to claim one was not in vain, or some got in line since.
    pub(crate) const fn may_be_claimed(&self) -> bool {
        self.queued > 0 && !self.idle
    }

    fn node(&self, index: Index) -> &Node<W> {
        &self.nodes[index as usize]
    }

    fn node_mut(&mut self, index: Index) -> &mut Node<W> {
        &mut self.nodes[index as usize]
    }

    fn link_after(&mut self, index: Index, prev: Index) {
        let next = if prev == NONE {
            self.head
        } else {
            self.node(prev).next
        };
        let node = self.node_mut(index);
        (node.prev, node.next) = (prev, next);
        self.queued += 1;
        self.idle = false;
        self.set_next(prev, index);
        self.set_prev(next, index);
    }

    fn set_next(&mut self, of: Index, next: Index) {
        if of == NONE {
            self.head = next;
        } else {
            self.node_mut(of).next = next;
        }
    }

    fn set_prev(&mut self, of: Index, prev: Index) {
        if of == NONE {
            self.tail = prev;
        } else {
            self.node_mut(of).prev = prev;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &Line<char>) -> String {
        line.iter().collect()
    }

    #[test]
    fn waiters_leave_from_anywhere_and_come_back_where_they_were() {
        let mut line = Line::new();
        let mut places: Vec<_> = "abcd".chars().map(|c| line.join(|| c)).collect();
        assert_eq!(text(&line), "abcd");
        line.unlink(places[0].seat());
        line.unlink(places[2].seat());
        line.unlink(places[2].seat());
        assert_eq!((text(&line).as_str(), line.queued()), ("bd", 2));
        line.put_back(places[2].seat());
        line.put_back(places[0].seat());
        line.put_back(places[0].seat());
        assert_eq!((text(&line).as_str(), line.queued()), ("abcd", 4));
        assert_eq!(line.leave(places.remove(3)), 'd');
        assert_eq!(text(&line), "abc");
    }

    #[test]
    fn a_waiter_goes_to_the_end_from_anywhere() {
        let mut line = Line::new();
        let places: Vec<_> = "abc".chars().map(|c| line.join(|| c)).collect();
        let apart = line.seat_apart(|| 'd');
        line.rejoin(places[1].seat());
        assert_eq!(text(&line), "acb");
        line.rejoin(places[1].seat());
        line.rejoin(places[0].seat());
        line.rejoin(apart.seat());
        assert_eq!((text(&line).as_str(), line.queued()), ("cbad", 4));
        line.unlink(places[0].seat());
        line.put_back(places[0].seat());
        assert_eq!(text(&line), "cbad");
    }

    #[test]
    fn a_ticket_does_not_find_the_next_in_its_place() {
        let mut line = Line::new();
        let old = line.join(|| 'a');
        let ticket = line.ticket(old.seat());
        assert_eq!(line.find(ticket), Some(old.seat()));
        line.leave(old);
        let new = line.join(|| 'b');
        assert_eq!(ticket.seat, new.seat());
        assert_eq!(line.find(ticket), None);
        assert_eq!(text(&line), "b");
    }

    #[test]
    fn who_sits_apart_is_not_in_line() {
        let mut line = Line::new();
        line.join(|| 'a');
        let promised = line.seat_apart(|| 'b');
        line.join(|| 'c');
        assert_eq!((text(&line).as_str(), line.queued()), ("ac", 2));
        assert_eq!(line.apart().map(|(_, c)| *c).collect::<String>(), "b");
        line.put_back(promised.seat());
        assert_eq!(text(&line), "abc");
    }

    // N17
    #[test]
    fn memory_returns_after_a_crowd() {
        let mut line = Line::new();
        let places: Vec<_> = (0..10_000).map(|n| line.join(|| n)).collect();
        assert!(line.nodes.capacity() >= 10_000);
        for place in places {
            line.leave(place);
        }
        assert!(line.nodes.capacity() <= KEEP);
    }
}
