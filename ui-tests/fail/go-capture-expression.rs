use async_dsl::prelude::*;

struct Hub {
    out: Chan<i32>,
}

fn main() {
    let hub = Hub { out: chan() };
    go!(|hub.out| { put!(hub.out, 1) });
}
