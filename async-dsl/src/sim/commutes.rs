//! Both orders of each pair that the table says commutes, on real channels, from every small state.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::chan::{self, Chan, Putter, Taker};
use crate::runtime::explore::access::{COMMUTES, Form, Kind};

type Make = fn() -> Chan<u32>;
type Waits = Pin<Box<dyn Future<Output = String>>>;

/// A channel with so many values, parked takers, parked putters, and takers that were served and have not collected.
#[derive(Clone, Copy, Debug)]
struct Small {
    make: Make,
    form: Form,
    values: u32,
    takers: usize,
    putters: u32,
    served: u32,
    closed: bool,
}

/// The channel in that state. What it consists of is not freed: the operations borrow it.
struct Scene {
    putter: &'static Putter<u32>,
    taker: &'static Taker<u32>,
    putters: Vec<Putter<u32>>,
    takers: Vec<Taker<u32>>,
    parked: Vec<Waits>,
    served: Vec<Option<Waits>>,
}

fn poll(operation: &mut Waits) -> Option<String> {
    match operation
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

fn shown<F: Future<Output: Debug> + 'static>(operation: F) -> Waits {
    Box::pin(async move { format!("{:?}", operation.await) })
}

impl Scene {
    /// `None` if there is no such state.
    fn new(state: Small) -> Option<Self> {
        let (putter, taker) = (state.make)().split();
        let (putters, takers) = (vec![putter.clone(); 3], vec![taker.clone(); 3]);
        let (putter, taker): (&'static _, &'static _) =
            (Box::leak(Box::new(putter)), Box::leak(Box::new(taker)));
        let mut scene = Self {
            putter,
            taker,
            putters,
            takers,
            parked: Vec::new(),
            served: Vec::new(),
        };
        for value in 0..state.served {
            let mut take = shown(taker.take());
            if poll(&mut take).is_some() || putter.try_put(50 + value).is_err() {
                return None;
            }
            scene.served.push(Some(take));
        }
        for value in 0..state.values {
            putter.try_put(value).ok()?;
        }
        if putter.len() != usize::try_from(state.values).ok()? && state.form != Form::Discarding {
            return None;
        }
        for _ in 0..state.takers {
            let mut take = shown(taker.take());
            if poll(&mut take).is_some() {
                return None;
            }
            scene.parked.push(take);
        }
        for value in 0..state.putters {
            let mut put = shown(putter.put(10 + value));
            if poll(&mut put).is_some() {
                return None;
            }
            scene.parked.push(put);
        }
        if state.closed {
            putter.close();
        }
        Some(scene)
    }

    /// Does an operation of this kind, as the first or second of two. Returns its result and what is left of it; `None` if it
    /// was of another kind, or cannot be had in this state.
    fn does(&mut self, kind: Kind, number: u32) -> Option<(Option<String>, Option<Waits>)> {
        let now = |result: String| Some((Some(result), None));
        let begins = |mut operation: Waits| {
            let result = poll(&mut operation);
            let left = result.is_none().then_some(operation);
            Some((result, left))
        };
        match kind {
            Kind::Put => begins(shown(self.putter.put(100 + number))),
            Kind::Take => begins(shown(self.taker.take())),
            Kind::TryPut => {
                let result = self.putter.try_put(100 + number);
                result.is_err().then(|| (Some(format!("{result:?}")), None))
            }
            Kind::TryTake => {
                let result = self.taker.try_take();
                result.is_err().then(|| (Some(format!("{result:?}")), None))
            }
            Kind::Len => now(self.putter.len().to_string()),
            Kind::IsClosed => now(self.putter.is_closed().to_string()),
            Kind::Close => now(self.putter.close().to_string()),
            Kind::Collect => {
                // Each of two has one of its own.
                let index = usize::try_from(number).ok()? % self.served.len().max(1);
                let mut take = self.served.get_mut(index)?.take()?;
                let result = poll(&mut take).expect("it was served");
                (result != "None").then(|| (Some(result), None))
            }
            Kind::DropPutter => {
                drop(self.putters.pop());
                now(String::new())
            }
            Kind::DropTaker => {
                drop(self.takers.pop());
                now(String::new())
            }
            _ => None,
        }
    }

    /// What can be seen from now on.
    fn rest(mut self, left: Vec<Waits>) -> Vec<String> {
        let mut seen = Vec::new();
        let all = self
            .served
            .drain(..)
            .flatten()
            .chain(self.parked.drain(..))
            .chain(left);
        let mut all: Vec<Waits> = all.collect();
        // Twice: what one collects may end the wait of another.
        let mut over = vec![None; all.len()];
        for _ in 0..2 {
            for (operation, over) in all.iter_mut().zip(&mut over) {
                if over.is_none() {
                    *over = poll(operation);
                }
            }
        }
        seen.extend(over.into_iter().map(|over| format!("{over:?}")));
        for _ in 0..8 {
            seen.push(format!("{:?}", self.taker.try_take()));
        }
        // Those that are still parked, in their order.
        for value in 0..4 {
            seen.push(format!("{:?}", self.putter.try_put(70 + value)));
        }
        seen.push(self.putter.is_closed().to_string());
        seen
    }
}

/// What each of two operations returned, at once or later, and what is seen after both; in this order.
fn both(state: Small, first: (Kind, u32), second: (Kind, u32)) -> Option<[Vec<String>; 1]> {
    let mut scene = Scene::new(state)?;
    let mut results = [(first.1, None), (second.1, None)];
    let mut left = Vec::new();
    for ((kind, number), result) in [first, second].into_iter().zip(&mut results) {
        let (now, waits) = scene.does(kind, number)?;
        result.1 = now;
        left.push((number, waits));
    }
    left.sort_by_key(|(number, _)| *number);
    results.sort();
    // An operation that was ready at once and one that is served later are the same to its task.
    let mut waits: Vec<(usize, Waits)> = Vec::new();
    for (index, (_, wait)) in left.into_iter().enumerate() {
        waits.extend(wait.map(|wait| (index, wait)));
    }
    for (index, wait) in &mut waits {
        results[*index].1 = poll(wait);
    }
    let unserved = waits
        .into_iter()
        .filter(|(index, _)| results[*index].1.is_none());
    let unserved: Vec<Waits> = unserved.map(|(_, wait)| wait).collect();
    let mut seen: Vec<String> = results
        .iter()
        .map(|(_, result)| format!("{result:?}"))
        .collect();
    seen.extend(scene.rest(unserved));
    Some([seen])
}

/// Every state of up to three values and two waiters of each side.
fn states() -> Vec<Small> {
    let makes: [(Make, Form); 7] = [
        (chan::chan, Form::Unbounded),
        (|| chan::fixed(0), Form::Fixed),
        (|| chan::fixed(1), Form::Fixed),
        (|| chan::fixed(2), Form::Fixed),
        (|| chan::fixed(3), Form::Fixed),
        (|| chan::dropping(2), Form::Discarding),
        (|| chan::sliding(2), Form::Discarding),
    ];
    let mut states = Vec::new();
    for (make, form) in makes {
        for values in 0..=3 {
            for (takers, putters) in [(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)] {
                for served in 0..=2 {
                    for closed in [false, true] {
                        states.push(Small {
                            make,
                            form,
                            values,
                            takers,
                            putters,
                            served,
                            closed,
                        });
                    }
                }
            }
        }
    }
    states
}

/// In how many states both can be done in both orders, and the states in which the orders differ.
fn tried(one: Kind, other: Kind, forms: u8) -> (usize, Vec<String>) {
    let mut count = 0;
    let mut differ = Vec::new();
    for state in states()
        .into_iter()
        .filter(|state| state.form as u8 & forms != 0)
    {
        let order = both(state, (one, 0), (other, 1));
        let turned = both(state, (other, 1), (one, 0));
        if let (Some(order), Some(turned)) = (order, turned) {
            count += 1;
            if order != turned {
                differ.push(format!("{state:?}: {order:?} or {turned:?}"));
            }
        }
    }
    (count, differ)
}

#[test]
fn what_the_table_says_commutes_does() {
    let mut pairs = 0;
    for (one, others, forms) in COMMUTES {
        for other in *others {
            let (count, differ) = tried(*one, *other, *forms);
            assert!(
                differ.is_empty(),
                "{one:?} and {other:?} differ in {} of {count} states: {}",
                differ.len(),
                differ[0]
            );
            pairs += usize::from(count > 0);
        }
    }
    assert!(pairs >= 30, "{pairs} pairs were tried");
}

#[test]
fn what_races_is_seen_to() {
    let every = Form::Unbounded as u8 | Form::Fixed as u8 | Form::Discarding as u8;
    for (one, other, forms) in [
        (Kind::Put, Kind::Put, every),
        (Kind::Take, Kind::Take, every),
        (Kind::Put, Kind::Close, every),
        (Kind::Close, Kind::Close, every),
        (Kind::Put, Kind::Len, every),
        (Kind::Put, Kind::Take, Form::Discarding as u8),
        (Kind::Take, Kind::Close, Form::Fixed as u8),
        (Kind::IsClosed, Kind::Close, every),
    ] {
        let (count, differ) = tried(one, other, forms);
        assert!(
            !differ.is_empty(),
            "{one:?} and {other:?}, in {count} states"
        );
    }
}
