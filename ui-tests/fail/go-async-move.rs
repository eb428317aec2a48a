use async_dsl::prelude::*;

fn main() {
    let c = chan();
    go!(async move { put!(c, 1) });
}
