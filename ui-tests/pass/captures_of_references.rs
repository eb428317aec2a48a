//! A capture is what `.clone()` gives: of a reference, what it refers to. And it may be a field under a name of its own.
#![deny(warnings, clippy::all, clippy::pedantic)]
use async_dsl::prelude::*;
use std::sync::Arc;

/// Every opener that takes a head.
fn of_a_reference(c: &Chan<u32>, out: &mut Putter<u32>) {
    let task = go!(|c, mut out| {
        let sum = take!(c).unwrap_or(0);
        out = out.clone();
        put!(out, sum).is_ok()
    });
    let named = go!(name = "named", |c| { take!(c) });
    let future = async_block!(|c| -> Option<u32> { take!(c) });
    let thread = thread!(|c| -> Option<u32> { c.take_blocking() });
    let timed = go!(|c| { timeout!(1h, |c| { take!(c) }) });
    let out = &*out;
    let scoped = go!(|out| { put!(out, 6).is_ok() });
    for n in 1..=5 {
        c.put_blocking(n).unwrap();
    }
    async_dsl::block_on(async move {
        assert!(task.await && scoped.await);
        let all = [named.await, future.await, thread.await, timed.await.unwrap()];
        assert!(all.into_iter().all(|got| got.is_some()));
    });
}

/// Types whose `clone` is a copy of a reference, and those that need none: nothing is said of them.
fn of_every_type(text: &'static str, count: &u32, list: &'static [u8]) {
    let (number, shared, name) = (1, Arc::new([1]), &"name");
    let task = go!(|text, count, list, number, shared, name| {
        text.len() + list.len() + shared.len() + name.len() + (count + number) as usize
    });
    assert_eq!(async_dsl::block_on(task), 4 + 2 + 1 + 4 + 3);
}

#[derive(Clone)]
struct Hub {
    c: Chan<u32>,
    pair: (Chan<u32>, [Chan<u32>; 1]),
}

impl Hub {
    fn start(&self) -> u32 {
        let task = go!(|c = self.c, this = self, first = self.pair.0, mut second = self.pair.1[0]| {
            put!(c, 1).ok();
            put!(first, 2).ok();
            second = second.clone();
            put!(second, 3).ok();
            let two = take!(this.pair.0).unwrap_or(0);
            take!(this.c).unwrap_or(0) + two
        });
        let thread = thread!(|c = self.pair.1[0]| { c.take_blocking() });
        let future = async_block!(|c = (*self).c, d = Hub::clone| -> u32 {
            let _ = d;
            put!(c, 4).ok();
            timeout!(1h, |again = c| { take!(again) }).unwrap().unwrap_or(0)
        });
        async_dsl::block_on(async move { task.await + thread.await.unwrap_or(0) + future.await })
    }
}

/// What stands behind the `=` is meant as it is outside of the block.
fn swapped(a: &str, b: &str) -> String {
    let (a, b) = (a.to_owned(), b.to_owned());
    let task = go!(|a = b, b = a| { format!("{a}{b}") });
    async_dsl::block_on(task)
}

/// What is cloned may be any expression.
fn of_expressions(hub: &Hub, text: &str) -> String {
    let c = || &hub.c;
    let sum = go!(|c = c(), first = (&hub.pair).0, mut n = 1 + 2, list = Vec::<(u8, u8)>::with_capacity(1)| {
        n += list.len();
        put!(c, 1).ok();
        put!(first, 2).ok();
        (take!(c), take!(first), n)
    });
    let upper = go!(|text = text.to_uppercase(), c = match text { "" => &hub.c, _ => &hub.pair.0 }| {
        put!(c, 3).ok();
        take!(c).map(|_| text)
    });
    let named = go!(name = "named", |other = (|| hub.c.clone())()| { other.is_closed() });
    async_dsl::block_on(async move {
        assert_eq!(sum.await, (Some(1), Some(2), 3));
        assert!(!named.await);
        upper.await.unwrap_or_default()
    })
}

/// It is code of where the opener stands.
#[linear]
async fn of_words(hubs: &Chan<Hub>) -> Option<u32> {
    let task = go!(|c = take!(hubs).unwrap().c, pause = 1us| {
        sleep!(pause);
        take!(c)
    });
    task.await
}

/// Through somebody's macro, whose own names stay its own.
macro_rules! taken {
    ($place:expr) => {
        go!(|c = $place| { take!(c) })
    };
    ($name:ident, $place:expr) => {
        go!(|$name, other = $place| { take!($name).filter(|_| other.is_empty()) })
    };
}

fn through_a_macro(c: &Chan<u32>, hub: &Hub) {
    hub.c.put_blocking(1).unwrap();
    c.put_blocking(2).unwrap();
    assert_eq!(async_dsl::block_on(taken!(hub.c)), Some(1));
    assert_eq!(async_dsl::block_on(taken!(c, hub.c)), Some(2));
}

fn main() {
    let (c, d) = (chan::fixed(9), chan::fixed(9));
    of_a_reference(&c, &mut d.split().0);
    of_every_type("text", &2, b"ab");
    let hub = Hub { c: chan::fixed(1), pair: (chan::fixed(1), [chan::fixed(1)]) };
    assert_eq!(hub.start(), 1 + 2 + 3 + 4);
    through_a_macro(&chan::fixed(1), &hub);
    assert_eq!(swapped("a", "b"), "ba");
    let hubs = chan::fixed(1);
    hubs.put_blocking(hub.clone()).unwrap();
    hub.c.put_blocking(8).unwrap();
    assert_eq!(async_dsl::block_on(of_words(&hubs)), Some(8));
    assert_eq!(of_expressions(&hub, "text"), "TEXT");
}
