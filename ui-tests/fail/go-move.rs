use async_dsl::prelude::*;

fn main() {
    let c = chan();
    go!(move || { put!(c, 1) });
}
