use async_dsl::prelude::*;

fn main() {
    let (putter, _taker) = chan::<i32>().split();
    go!({ take!(putter) });
}
