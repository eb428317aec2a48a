use async_dsl::prelude::*;

fn main() {
    let c = chan();
    go!(|c: Chan<i32>| { put!(c, 1) });
}
