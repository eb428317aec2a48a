use async_dsl::prelude::*;
use futures_lite::stream;

fn main() {
    go!({
        let numbers = stream::iter([1]);
        take!(numbers)
    });
}
