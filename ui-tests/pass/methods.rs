//! `#[linear]` on methods, free functions, generics, and nested in linear code.
#![deny(warnings)]
use async_dsl::prelude::*;

struct Counter {
    numbers: Chan<u32>,
    seen: u32,
}

impl Counter {
    #[linear]
    async fn count(&mut self) -> u32 {
        while let Some(number) = take!(self.numbers) {
            self.seen += number;
        }
        self.seen
    }

    #[linear]
    async fn feed(&self, number: u32) -> Result<(), Closed<u32>> {
        put!(self.numbers, number)?;
        Ok(())
    }
}

#[linear]
async fn forward<T: Send>(from: &Chan<T>, to: &Chan<T>) -> Option<()>
where
    T: Clone,
{
    let value = take!(from)?;
    put!(to, value).ok()
}

trait Last {
    fn last(&self) -> impl Future<Output = Option<u32>> + Send;
}

impl Last for Chan<u32> {
    #[linear]
    async fn last(&self) -> Option<u32> {
        let mut last = None;
        while let Some(number) = take!(self) {
            last = Some(number);
        }
        last
    }
}

fn main() {
    let task = go!({
        #[linear]
        async fn nested(c: &Chan<u32>) -> Option<u32> {
            take!(c)
        }
        let mut counter = Counter { numbers: chan(), seen: 0 };
        counter.feed(1).await.unwrap();
        let other = chan();
        forward(&counter.numbers, &other).await.unwrap();
        assert_eq!(nested(&other).await, Some(1));
        counter.feed(2).await.unwrap();
        counter.numbers.close();
        assert_eq!(counter.count().await, 2);
        put!(other, 7).unwrap();
        other.close();
        other.last().await
    });
    assert_eq!(async_dsl::block_on(task), Some(7));
}
