use async_dsl::flow;
use async_dsl::prelude::*;

fn main() {
    let (_putter, taker) = chan::<u8>().split();
    drop(flow::zip((taker, [1, 2, 3]), 0));
}
