use async_dsl::prelude::*;
use futures_lite::stream;

fn main() {
    go!({
        let mut numbers = stream::iter([1]);
        alt! {
            n = take!(numbers) => n,
            n = take!(numbers) => n,
        }
    });
}
