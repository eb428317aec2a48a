//! `#[linear]` beside other attributes: those below find an `async fn`, those above may have made something else of it.
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::pin::Pin;

use async_dsl::prelude::*;
use async_recursion::async_recursion;
use async_trait::async_trait;

/// A channel with a number in it, and nothing more to come.
fn with(number: u32) -> Chan<u32> {
    let c = chan::fixed(1);
    c.try_put(number).unwrap();
    c.close();
    c
}

#[async_trait]
trait Source<T: Send + 'static>: Send {
    async fn next(&mut self) -> Option<T>;

    #[linear]
    async fn last(&mut self) -> Option<T>
    where
        T: 'async_trait,
    {
        let mut last = None;
        while let Some(value) = self.next().await {
            yield_now!();
            last = Some(value);
        }
        last
    }
}

struct Doubled<T>(Chan<T>, u32);

#[async_trait]
impl<T: Send + Clone + 'static> Source<T> for Doubled<T> {
    #[linear]
    #[allow(clippy::missing_errors_doc)]
    async fn next(&mut self) -> Option<T> {
        self.1 += 1;
        let (again, back) = (self.1 < 3, chan::fixed(1));
        let value = alt! {
            value = take!(self.0) => value?,
            sleep!(1h) => return None,
        };
        go!(|value| {
            put!(back, value).ok();
        });
        if again {
            put!(self.0, value.clone()).ok();
        }
        timeout!(1h, { Some(value) }).unwrap_or(None)
    }
}

#[async_trait(?Send)]
trait Local {
    async fn sum<'a, N>(&self, numbers: &'a [N]) -> Result<u32, Closed<u32>>
    where
        N: Copy + Into<u32> + Sync;
}

#[async_trait(?Send)]
impl Local for Chan<u32> {
    #[linear]
    async fn sum<'a, N>(&self, numbers: &'a [N]) -> Result<u32, Closed<u32>>
    where
        N: Copy + Into<u32> + Sync,
    {
        let mut sum = 0;
        for number in numbers {
            put!(self, (*number).into())?;
            sum += take!(self).unwrap_or_default();
        }
        Ok(sum)
    }
}

#[test]
fn it_works_on_methods_of_an_async_trait() {
    let mut doubled = Doubled(chan::fixed(1), 0);
    doubled.0.put_blocking("value").unwrap();
    let c = doubled.0.clone();
    let task = go!({ doubled.last().await });
    let closed = go!({
        sleep!(10ms);
        c.close();
    });
    async_dsl::block_on(closed);
    assert_eq!(async_dsl::block_on(task), Some("value"));
    assert_eq!(
        async_dsl::block_on(chan::fixed(1).sum(&[1_u8, 2])).unwrap(),
        3
    );
}

#[async_recursion]
#[linear]
async fn sum_above(c: &Chan<u32>, depth: u32) -> u32 {
    if depth == 0 {
        return take!(c).unwrap_or(0);
    }
    sum_above(c, depth - 1).await + depth
}

#[linear]
#[async_recursion]
async fn sum_below(c: &Chan<u32>, depth: u32) -> u32 {
    if depth == 0 {
        return take!(c).unwrap_or(0);
    }
    sum_below(c, depth - 1).await + depth
}

#[test]
fn it_works_above_and_below_async_recursion() {
    assert_eq!(async_dsl::block_on(sum_above(&with(1), 3)), 7);
    assert_eq!(async_dsl::block_on(sum_below(&with(1), 3)), 7);
}

#[tokio::test]
#[linear]
async fn it_works_below_the_test_of_tokio() {
    assert_eq!(take!(with(1)), Some(1));
}

#[linear]
#[tokio::test]
async fn it_works_above_the_test_of_tokio() -> Result<(), Closed<u32>> {
    let c = with(1);
    assert_eq!(take!(c), Some(1));
    tokio::task::yield_now().await;
    assert!(put!(c, 2).is_err());
    put!(chan(), 3)
}

#[tokio::main(flavor = "current_thread")]
#[linear]
async fn below_main() -> Result<u32, Closed<u32>> {
    let c = chan::fixed(1);
    put!(c, 1)?;
    Ok(take!(c).unwrap_or(0))
}

#[linear]
#[tokio::main(flavor = "current_thread")]
async fn above_main() -> Option<u32> {
    take!(with(1))
}

#[test]
fn it_works_above_and_below_the_main_of_tokio() {
    assert_eq!((below_main().unwrap(), above_main()), (1, Some(1)));
}

#[async_dsl::test]
#[linear]
async fn it_works_below_our_test() {
    assert_eq!(take!(with(1)), Some(1));
}

#[linear]
#[async_dsl::test]
async fn it_works_above_our_test() {
    assert_eq!(take!(with(1)).into_iter().sum::<u32>(), async { 1 }.await);
}

#[async_dsl::main]
#[linear]
async fn below_our_main() -> Option<u32> {
    take!(with(1))
}

#[linear]
#[async_dsl::main]
async fn above_our_main() -> Option<u32> {
    take!(with(1))
}

#[test]
fn it_works_above_and_below_our_main() {
    assert_eq!((below_our_main(), above_our_main()), (Some(1), Some(1)));
}

/// What `#[serial]` and its like make of an `async fn`, above another attribute.
#[tokio::test]
#[linear]
async fn it_works_where_the_code_was_moved() {
    async fn it_works_where_the_code_was_moved_internal() {
        assert_eq!(take!(with(1)), Some(1));
    }
    alone(it_works_where_the_code_was_moved_internal()).await;
}

async fn alone(test: impl Future<Output = ()>) {
    test.await;
}

/// Written by hand, as such attributes write it.
mod by_hand {
    use super::*;

    #[linear]
    pub(super) fn boxed(c: &Chan<u32>) -> Pin<Box<dyn Future<Output = Option<u32>> + Send + '_>> {
        Box::pin(async move { take!(c) })
    }

    #[linear]
    pub(super) fn returned(c: &Chan<u32>) -> impl Future<Output = Option<u32>> + Send + '_ {
        let before = c.len();
        async move { take!(c).filter(|_| before == 1) }
    }

    #[linear]
    pub(super) fn inside(c: &Chan<u32>) -> Option<u32> {
        #[allow(clippy::items_after_statements)]
        async fn inside(c: &Chan<u32>) -> Option<u32> {
            take!(c)
        }
        async_dsl::block_on(inside(c))
    }

    #[linear]
    pub(super) fn called(c: &Chan<u32>) -> Option<u32> {
        run(async || take!(c))
    }

    fn run<T>(code: impl AsyncFnOnce() -> T) -> T {
        async_dsl::block_on(code())
    }
}

#[test]
fn the_async_code_of_a_function_is_linear() {
    assert_eq!(async_dsl::block_on(by_hand::boxed(&with(1))), Some(1));
    assert_eq!(async_dsl::block_on(by_hand::returned(&with(1))), Some(1));
    assert_eq!(by_hand::inside(&with(1)), Some(1));
    assert_eq!(by_hand::called(&with(1)), Some(1));
}
