use async_dsl::prelude::*;
use futures_lite::stream;

fn main() {
    go!({
        let mut numbers = stream::once_future(async { 1 });
        alt! {
            n = take!(numbers) => n,
            sleep!(1s) => None,
        }
    });
}
