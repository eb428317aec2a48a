//! Channels with a buffer of the user's.

use async_dsl::chan::Buffer;
use async_dsl::prelude::*;

struct Even(Vec<u32>);

impl Buffer<u32> for Even {
    fn push(&mut self, value: u32) -> Option<u32> {
        if value % 2 == 1 {
            return Some(value);
        }
        self.0.push(value);
        None
    }

    fn pop(&mut self) -> Option<u32> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

// S11, X6
#[async_dsl::test]
async fn a_filtering_buffer_accepts_what_it_discards() {
    let c = chan::with(Even(Vec::new()));
    assert_eq!((put!(c, 1000), put!(c, 1001)), (Ok(()), Ok(())));
    assert_eq!(take!(c), Some(1000));
    assert_eq!(take!(c, 0ms, 7), Some(7));
    assert_eq!(c.discarded(), 1);
}

// S11: a parked taker does not let a value past the buffer
#[async_dsl::test]
async fn a_users_buffer_sees_every_value() {
    let c = chan::with(Even(Vec::new()));
    let taker = go!(|c| take!(c));
    yield_now!();
    put!(c, 1).unwrap();
    put!(c, 2).unwrap();
    assert_eq!(taker.await, Some(2));
}

/// Keeps the first value, and gives it again and again.
struct Sticky(Option<u32>);

impl Buffer<u32> for Sticky {
    fn push(&mut self, value: u32) -> Option<u32> {
        if self.0.is_some() {
            return Some(value);
        }
        self.0 = Some(value);
        None
    }

    fn pop(&mut self) -> Option<u32> {
        self.0
    }

    fn len(&self) -> usize {
        usize::from(self.0.is_some())
    }
}

// B1: the promise buffer of core.async.
#[async_dsl::test]
async fn a_buffer_may_give_one_value_for_ever() {
    let c = chan::with(Sticky(None));
    let parked = [go!(|c| take!(c)), go!(|c| take!(c))];
    yield_now!();
    assert_eq!((put!(c, 1), put!(c, 2)), (Ok(()), Ok(())));
    assert_eq!(await!(each parked), [Some(1), Some(1)]);
    c.close();
    assert_eq!((take!(c), take!(c), c.len()), (Some(1), Some(1), 1));
    assert_eq!(c.discarded(), 1);
}

#[test]
fn a_value_that_is_given_for_ever_is_discarded_once() {
    let (putter, taker) = chan::with(Sticky(None)).split();
    putter.try_put(1).unwrap();
    drop(taker);
    assert_eq!(putter.discarded(), 1);
}
