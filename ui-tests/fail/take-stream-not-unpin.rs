use async_dsl::prelude::*;
use futures_lite::stream;

fn main() {
    go!({
        let mut numbers = stream::once_future(async { 1 });
        take!(numbers)
    });
}
