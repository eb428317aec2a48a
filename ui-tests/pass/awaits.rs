//! `.await` in linear code takes what it takes in any `async` block.
#![deny(warnings)]

use std::future::{Future, IntoFuture, Ready, pending, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;

use async_dsl::prelude::*;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

async fn parse(text: &str) -> &str {
    text.trim()
}

async fn checked(n: u32) -> Result<u32, String> {
    if n < 100 { Ok(n) } else { Err(format!("{n}")) }
}

fn boxed<'a>(text: &'a str) -> Boxed<'a, usize> {
    Box::pin(async move { text.len() })
}

fn recursive(n: u32) -> Boxed<'static, u32> {
    Box::pin(async_block!({ if n == 0 { 0 } else { 1 + recursive(n - 1).await } }))
}

/// Awaited, but no future itself.
struct Request(u32);

impl IntoFuture for Request {
    type Output = u32;
    type IntoFuture = Ready<u32>;

    fn into_future(self) -> Ready<u32> {
        ready(self.0)
    }
}

/// Not `Send`, while the future it gives is.
struct Local(Rc<u32>);

impl IntoFuture for Local {
    type Output = u32;
    type IntoFuture = Ready<u32>;

    fn into_future(self) -> Ready<u32> {
        ready(*self.0)
    }
}

/// With the names of what the expansion calls.
struct Named;

impl Named {
    #[allow(dead_code)]
    fn start(self) {}
}

impl Future for Named {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<u8> {
        std::task::Poll::Ready(1)
    }
}

trait Store {
    fn load(&self, key: &str) -> impl Future<Output = String> + Send;
}

struct Memory;

impl Store for Memory {
    #[linear]
    async fn load(&self, key: &str) -> String {
        yield_now!();
        parse(key).await.to_owned()
    }
}

#[linear]
async fn generic<S: Store + Sync, F>(store: &S, then: F) -> F::Output
where
    F: IntoFuture,
{
    store.load("key").await;
    then.await
}

#[linear]
async fn each<'a>(texts: impl Iterator<Item = &'a str> + Send, with: &(dyn Fn(&str) -> Boxed<'_, usize> + Sync)) -> usize {
    let mut sum = 0;
    for text in texts {
        sum += with(text).await;
    }
    sum
}

fn is_send<T: Send>(value: T) -> T {
    value
}

/// A task may hold what borrows for any lifetime.
async fn with_any<F>(f: F) -> usize
where
    F: for<'a> Fn(&'a str) -> Boxed<'a, usize>,
{
    f(&String::from("four")).await
}

/// A function, because what stands in somebody else's macro is left alone.
#[track_caller]
fn same<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(found: T, expected: U) {
    assert_eq!(found, expected);
}

#[async_dsl::test]
async fn as_an_attribute() {
    assert_eq!(parse(" a ").await, "a");
}

fn main() {
    #![allow(clippy::all)]
    async_dsl::block_on(async_block!(|| -> Result<(), String> {
        // Temporaries of the operand live as long as the statement.
        same(parse(&String::from(" a ")).await.len(), 1);
        let length = parse(String::from("ab").as_str()).await.len() + checked(1).await? as usize;
        same(length, 3);
        match parse(&format!(" {length} ")).await {
            "3" => {}
            other => unreachable!("{other}"),
        }
        if let Some(first) = parse(&String::from("xyz")).await.chars().next() {
            same(first, 'x');
        }
        while parse(&String::new()).await.len() > 0 {}

        // Every shape of an operand.
        let (resolver, promise) = promise::<u32>();
        resolver.deliver(1);
        same((&promise).await.ok(), Some(1));
        same(promise.await.ok(), Some(1));
        let mut pinned = pin!(checked(5));
        same(pinned.as_mut().await, Ok(5));
        let mut unpinned = Box::pin(checked(6));
        same((&mut unpinned).await, Ok(6));
        same(async { 7 }.await, 7);
        same(async move { length }.await, 3);
        let doubled = async |n: u32| checked(n).await.map(|n| n * 2);
        same(doubled(4).await, Ok(8));
        same(if length == 3 { boxed("a") } else { boxed("ab") }.await, 1);
        same((match length { 3 => ready(1), _ => ready(2) }).await, 1);
        same({ ready(3) }.await, 3);
        same(Request(8).await, 8);
        same(Named.await, 1);
        same([ready(1), ready(2)][1].clone().await, 2);
        same((ready(1), ready(2)).1.await, 2);
        same(std::convert::identity(ready(9)).await + ready(1).await, 10);
        let nested = ready(ready(ready(4))).await.await.await;
        same(nested, 4);
        let text = go!({ go!({ parse("  deep ").await.to_owned() }).await.len() }).await;
        same(text, 4);
        let task = go!({ 1 });
        println!("{} {:?}", task.await, checked(3).await);
        same(vec![checked(3).await, checked(4).await].len(), 2);
        let started: Vec<_> = (0..3).map(|n| go!({ checked(n).await })).collect();
        for task in started {
            task.await?;
        }

        // Control flow goes through the operand.
        for n in 0.. {
            if n == 2 { continue }
            let n = checked(match n { 5 => break, n => n }).await?;
            assert!(n != 2);
        }
        let found = 'outer: loop {
            loop {
                break 'outer checked(if length > 0 { 9 } else { break }).await?;
            }
        };
        same(found, 9);

        // What rustc infers.
        let parsed = async { "7".parse() }.await;
        let parsed: Result<u8, _> = parsed;
        same(parsed, Ok(7));
        let all: Vec<u64> = async { (0..3).collect() }.await;
        same(all.len(), 3);
        let mut slot = None;
        let none = async { slot.take() }.await;
        slot = Some(1_u8);
        same((none, slot), (None, Some(1)));
        let later = |future| async move { future.await };
        same(later(ready('c')).await, 'c');
        let coerced: &dyn std::fmt::Debug = &ready(1).await;
        let _ = format!("{coerced:?}");

        // Marked words in operands, awaits in operands of words.
        let numbers = chan::fixed(4);
        put!(numbers, checked(1).await?).map_err(|closed| closed.to_string())?;
        let one = checked(take!(numbers).unwrap_or_default()).await?;
        same(one, 1);
        put!(ready(&numbers).await, 2).map_err(|closed| closed.to_string())?;
        alt! {
            n = take!(ready(&numbers).await) => same(checked(n.unwrap_or_default()).await?, 2),
            _ = sleep!(ready(1s).await) => unreachable!(),
        }
        timeout!(ready(1s).await, { checked(2).await }).map_err(|late| late.to_string())??;

        // A loop that never ends.
        let forever = go!({ loop { pending::<()>().await } });
        drop(forever);
        Ok(())
    })).unwrap();

    // Futures that are sent.
    let sent = is_send(async_block!({
        let with = |text: &str| -> Boxed<'_, usize> { boxed(if text.is_empty() { "" } else { "long" }) };
        let local = Local(Rc::new(3)).await;
        let text = String::from("text");
        let by_reference = boxed(&text).await + boxed(&text[1..]).await;
        let any = with_any(|text| boxed(text)).await;
        let generic = generic(&Memory, Request(1)).await;
        let each = each(["a", "b"].into_iter().filter(|text| !text.is_empty()), &|_| Box::pin(ready(1))).await;
        let texts = [String::from("a"), String::from("bc")];
        let mut lengths = Vec::new();
        for length in texts.iter().map(|text| boxed(text)) {
            lengths.push(length.await);
        }
        (local, by_reference, any, with("").await, generic, each, lengths)
    }));
    drop(sent);
    let task = go!({
        let text = String::from("text");
        let found = text.split('e').map(|part: &str| boxed(part)).next();
        (boxed(&text).await, found.unwrap().await, recursive(5).await, Memory.load("x").await)
    });
    same(async_dsl::block_on(task), (4, 1, 5, "x".to_owned()));
}
