use async_dsl::prelude::*;

fn main() {
    let c = chan();
    go!(|c, c| { put!(c, 1) });
}
