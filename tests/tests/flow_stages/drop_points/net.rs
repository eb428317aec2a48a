//! Values that are counted, and a function at work on them.

use std::any::Any;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use async_dsl::chan::TryTakeError;
use async_dsl::flow::{Broadcast, Subscriber};
use async_dsl::prelude::*;

use super::End;

/// Where the values of one program went. A clone is a value, too.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) made: u64,
    pub(super) taken: u64,
    pub(super) handed_back: u64,
    pub(super) dropped: u64,
}

impl Tally {
    /// Whether it is known of each value where it went.
    pub(super) fn is_whole(&self) -> bool {
        self.made == self.taken + self.handed_back + self.dropped
    }
}

pub(super) type Book = Arc<Mutex<Tally>>;

pub(super) struct Value {
    book: Book,
    /// The input that it was put into, and its number there.
    input: usize,
    pub(super) number: u64,
    accounted: bool,
}

impl Value {
    pub(super) fn new(book: &Book, input: usize, number: u64) -> Self {
        book.lock().unwrap().made += 1;
        Self {
            book: Arc::clone(book),
            input,
            number,
            accounted: false,
        }
    }

    pub(super) fn account(mut self, count: impl FnOnce(&mut Tally)) {
        self.accounted = true;
        count(&mut self.book.lock().unwrap());
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        Self::new(&self.book, self.input, self.number)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if !self.accounted {
            self.book.lock().unwrap().dropped += 1;
        }
    }
}

/// An output, whatever its values are.
pub(super) struct Output {
    take: Box<dyn Fn() -> Result<Vec<Value>, TryTakeError>>,
    pub(super) discarded: Box<dyn Fn() -> u64>,
    /// The last number of each input.
    last: [Option<u64>; 3],
}

impl Output {
    pub(super) fn new<U: 'static>(taker: Taker<U>, values: fn(U) -> Vec<Value>) -> Self {
        let taker = Rc::new(taker);
        let other = Rc::clone(&taker);
        Self {
            take: Box::new(move || taker.try_take().map(values)),
            discarded: Box::new(move || other.discarded()),
            last: [None; 3],
        }
    }

    /// A subscriber, and what is counted of the whole broadcast.
    pub(super) fn subscriber(
        subscriber: Rc<Subscriber<Value>>,
        all: Option<Broadcast<Value>>,
    ) -> Self {
        Self {
            take: Box::new(move || {
                let taken = subscriber.try_take()?;
                Ok(taken.into_iter().collect())
            }),
            discarded: Box::new(move || all.as_ref().map_or(0, Broadcast::discarded)),
            last: [None; 3],
        }
    }

    pub(super) fn one(taker: Taker<Value>) -> Self {
        Self::new(taker, |value| vec![value])
    }

    /// Takes one; checks that it comes after those before it. Returns `false` if there is none.
    pub(super) fn take(&mut self, is_ordered: bool) -> Result<bool, TryTakeError> {
        let values = match (self.take)() {
            Ok(values) => values,
            Err(TryTakeError::Empty) => return Ok(false),
            Err(closed) => return Err(closed),
        };
        for value in values {
            let last = self.last[value.input].replace(value.number);
            assert!(!is_ordered || last.is_none_or(|last| last <= value.number));
            value.account(|tally| tally.taken += 1);
        }
        Ok(true)
    }
}

/// A function at work.
pub(super) struct Net {
    pub(super) inputs: Vec<Putter<Value>>,
    pub(super) outputs: Vec<Output>,
    /// How many values one that is discarded may be.
    pub(super) width: u64,
    pub(super) is_ordered: bool,
    /// What it counts apart from its channels.
    pub(super) counted: Box<dyn Fn() -> u64>,
    /// Does something with it.
    pub(super) poke: Box<dyn FnMut(usize)>,
    /// Handles that keep it alive.
    pub(super) handles: Box<dyn Any>,
    /// What is to hold at the end besides.
    pub(super) audit: Box<dyn FnOnce()>,
    /// An end that it cannot have.
    pub(super) never: Option<End>,
    /// Other threads work for it.
    pub(super) has_threads: bool,
}

impl Net {
    pub(super) fn new(
        inputs: impl Into<Vec<Putter<Value>>>,
        outputs: impl Into<Vec<Output>>,
    ) -> Self {
        Self {
            inputs: inputs.into(),
            outputs: outputs.into(),
            width: 1,
            is_ordered: true,
            counted: Box::new(|| 0),
            poke: Box::new(drop),
            handles: Box::new(()),
            audit: Box::new(|| ()),
            never: None,
            has_threads: false,
        }
    }
}
