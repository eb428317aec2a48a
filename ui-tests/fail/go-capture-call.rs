use async_dsl::prelude::*;

fn main() {
    go!(|c = chan::<i32>()| { put!(c, 1) });
}
