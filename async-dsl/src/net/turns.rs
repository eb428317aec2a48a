//! Whose turn it is at one end of a connection: one at a time, first come, first served.
//!
//! The holder of the turn has the resource, out of the lock, so that what it does with it (a codec, a waker of the
//! reactor) runs under no lock. A turn lasts over many polls: between them the resource lies here, and the place at the
//! head of the line keeps it from others. Leaving the line, done or dropped, wakes the next.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use crate::runtime::sync::lock;
use crate::runtime::wake::wake_all;

pub(crate) struct Turns<T>(Mutex<State<T>>);

struct State<T> {
    /// `None` while it is in use. In a box, because it goes out of the lock and back in with each poll.
    resource: Option<Box<T>>,
    line: VecDeque<Place>,
    tickets: u64,
    /// Something changed while the resource was in use: its user looks again before it parks.
    changed: bool,
}

struct Place {
    ticket: u64,
    waker: Option<Waker>,
}

/// A place in line, if it has one.
#[derive(Debug, Default)]
pub(crate) struct Ticket(Option<u64>);

impl Ticket {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    pub(crate) fn is_held(&self) -> bool {
        self.0.is_some()
    }
}

impl<T> State<T> {
    fn enter(&mut self, ticket: &Ticket) -> Option<Box<T>> {
        let is_first = match ticket.0 {
            Some(ticket) => self
                .line
                .front()
                .is_some_and(|place| place.ticket == ticket),
            None => self.line.is_empty(),
        };
        if is_first { self.resource.take() } else { None }
    }

    fn number(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    fn place(&mut self, ticket: u64) -> Option<&mut Place> {
        self.line.iter_mut().find(|place| place.ticket == ticket)
    }

    /// Returns the waker at the head of the line, to be woken outside the lock, if the turn is free.
    fn next(&mut self) -> Option<Waker> {
        self.resource.as_ref()?;
        self.line.front_mut()?.waker.take()
    }

    /// Returns the place that was left, to be dropped outside the lock, and the next waker.
    fn leave(&mut self, ticket: &mut Ticket) -> (Option<Place>, Option<Waker>) {
        let at = ticket
            .0
            .take()
            .and_then(|ticket| self.line.iter().position(|place| place.ticket == ticket));
        let place = at.and_then(|at| self.line.remove(at));
        let next = if at.is_none_or(|at| at == 0) {
            self.next()
        } else {
            None
        };
        (place, next)
    }
}

impl<T> Turns<T> {
    pub(crate) fn new(resource: T) -> Self {
        Self(Mutex::new(State {
            resource: Some(Box::new(resource)),
            line: VecDeque::new(),
            tickets: 0,
            changed: false,
        }))
    }

    /// Returns the turn if it is this ticket's; otherwise joins the line, to be woken.
    pub(crate) fn poll_turn<'a>(
        &'a self,
        ticket: &'a mut Ticket,
        cx: &mut Context<'_>,
    ) -> Poll<Turn<'a, T>> {
        let mut resource = lock(&self.0).enter(ticket);
        if resource.is_none() {
            // Cloned and dropped outside the lock: a waker may run foreign code.
            let mut waker = Some(cx.waker().clone());
            let mut state = lock(&self.0);
            resource = state.enter(ticket);
            if resource.is_none() {
                if let Some(place) = ticket.0.and_then(|ticket| state.place(ticket)) {
                    std::mem::swap(&mut place.waker, &mut waker);
                } else {
                    let number = state.number();
                    ticket.0 = Some(number);
                    state.line.push_back(Place {
                        ticket: number,
                        waker: waker.take(),
                    });
                }
            }
            drop(state);
            drop(waker);
        }
        match resource {
            None => Poll::Pending,
            resource => Poll::Ready(Turn {
                turns: self,
                ticket: Some(ticket),
                resource,
            }),
        }
    }

    /// Returns the turn, if it is free and the line is empty.
    pub(crate) fn try_turn(&self) -> Option<Turn<'_, T>> {
        let resource = lock(&self.0).enter(&Ticket(None));
        resource.is_some().then_some(Turn {
            turns: self,
            ticket: None,
            resource,
        })
    }

    /// Leaves the line. Returns whether it was in line.
    pub(crate) fn leave(&self, ticket: &mut Ticket) -> bool {
        if ticket.0.is_none() {
            return false;
        }
        let (place, next) = lock(&self.0).leave(ticket);
        drop(place);
        wake_all(next);
        true
    }

    /// Makes the holder of the turn, and all in line, look again: something other than the turn changed.
    pub(crate) fn wake_all(&self) {
        let wakers: Vec<Waker> = {
            let mut state = lock(&self.0);
            state.changed = state.resource.is_none();
            let places = state.line.iter_mut();
            places.filter_map(|place| place.waker.take()).collect()
        };
        wake_all(wakers);
    }
}

/// The resource, for as long as its holder has the turn. Dropping it ends the turn; [`keep`](Self::keep) does not.
pub(crate) struct Turn<'a, T> {
    turns: &'a Turns<T>,
    ticket: Option<&'a mut Ticket>,
    resource: Option<Box<T>>,
}

impl<T> Turn<'_, T> {
    /// Ends the poll, but not the turn.
    pub(crate) fn keep(mut self, cx: &mut Context<'_>) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        let mut waker = Some(cx.waker().clone());
        let mut state = lock(&self.turns.0);
        if let Some(place) = ticket.0.and_then(|ticket| state.place(ticket)) {
            std::mem::swap(&mut place.waker, &mut waker);
        } else {
            let number = state.number();
            ticket.0 = Some(number);
            state.line.push_front(Place {
                ticket: number,
                waker: waker.take(),
            });
        }
        state.resource = self.resource.take();
        let changed = std::mem::take(&mut state.changed);
        drop(state);
        drop(waker);
        if changed {
            cx.waker().wake_by_ref();
        }
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        let Some(resource) = self.resource.take() else {
            return;
        };
        let (place, next) = {
            let mut state = lock(&self.turns.0);
            state.resource = Some(resource);
            state.changed = false;
            match self.ticket.take() {
                Some(ticket) => state.leave(ticket),
                None => (None, state.next()),
            }
        };
        drop(place);
        wake_all(next);
    }
}

const HELD: &str = "a turn has its resource until it ends";

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.resource.as_ref().expect(HELD)
    }
}

impl<T> DerefMut for Turn<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.resource.as_mut().expect(HELD)
    }
}

/// A place in line that is left when this is dropped.
pub(crate) struct InLine<'a, T> {
    turns: &'a Turns<T>,
    ticket: Ticket,
}

impl<'a, T> InLine<'a, T> {
    pub(crate) fn new(turns: &'a Turns<T>) -> Self {
        Self {
            turns,
            ticket: Ticket::new(),
        }
    }

    pub(crate) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn<'_, T>> {
        self.turns.poll_turn(&mut self.ticket, cx)
    }
}

impl<T> Drop for InLine<'_, T> {
    fn drop(&mut self) {
        self.turns.leave(&mut self.ticket);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Bell(AtomicU32);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn bell() -> (Arc<Bell>, Waker) {
        let bell = Arc::new(Bell::default());
        (Arc::clone(&bell), Waker::from(bell))
    }

    fn rung(bell: &Bell) -> u32 {
        bell.0.swap(0, Ordering::Relaxed)
    }

    #[test]
    fn a_turn_that_is_kept_stays_first_and_the_next_is_woken_after_it() {
        let turns = Turns::new(0);
        let ((first, one), (second, two)) = (bell(), bell());
        let (mut cx1, mut cx2) = (Context::from_waker(&one), Context::from_waker(&two));
        let (mut ticket1, mut ticket2) = (Ticket::new(), Ticket::new());

        let Poll::Ready(turn) = turns.poll_turn(&mut ticket1, &mut cx1) else {
            panic!("nobody else is there");
        };
        assert!(turns.poll_turn(&mut ticket2, &mut cx2).is_pending());
        turn.keep(&mut cx1);
        assert_eq!((rung(&first), rung(&second)), (0, 0));
        assert!(turns.poll_turn(&mut ticket2, &mut cx2).is_pending());
        assert!(turns.try_turn().is_none());
        let Poll::Ready(mut turn) = turns.poll_turn(&mut ticket1, &mut cx1) else {
            panic!("it kept its turn");
        };
        *turn += 1;
        drop(turn);
        assert_eq!(rung(&second), 1);
        let Poll::Ready(turn) = turns.poll_turn(&mut ticket2, &mut cx2) else {
            panic!("it is the only one");
        };
        assert_eq!(*turn, 1);
        drop(turn);
        assert!(turns.try_turn().is_some());
    }

    #[test]
    fn whoever_leaves_the_line_after_being_woken_wakes_the_next() {
        let turns = Turns::new(());
        let ((_, one), (second, two), (third, three)) = (bell(), bell(), bell());
        let mut cx = Context::from_waker(&one);
        let (mut ticket1, mut ticket2, mut ticket3) = (Ticket::new(), Ticket::new(), Ticket::new());
        let turn = turns.poll_turn(&mut ticket1, &mut cx);
        let mut cx = Context::from_waker(&two);
        assert!(turns.poll_turn(&mut ticket2, &mut cx).is_pending());
        let mut cx = Context::from_waker(&three);
        assert!(turns.poll_turn(&mut ticket3, &mut cx).is_pending());
        drop(turn);
        assert_eq!((rung(&second), rung(&third)), (1, 0));
        assert!(turns.leave(&mut ticket2));
        assert_eq!(rung(&third), 1);
        assert!(turns.poll_turn(&mut ticket3, &mut cx).is_ready());
    }

    #[test]
    fn a_change_during_a_turn_is_seen_before_its_user_waits() {
        let turns = Turns::new(());
        let (rings, waker) = bell();
        let mut cx = Context::from_waker(&waker);
        let mut ticket = Ticket::new();
        for expected in [1, 0] {
            let Poll::Ready(turn) = turns.poll_turn(&mut ticket, &mut cx) else {
                panic!("nobody else is there");
            };
            if expected == 1 {
                turns.wake_all();
            }
            turn.keep(&mut cx);
            assert_eq!(rung(&rings), expected);
        }
        turns.wake_all();
        assert_eq!(rung(&rings), 1);
        turns.leave(&mut ticket);
    }
}
