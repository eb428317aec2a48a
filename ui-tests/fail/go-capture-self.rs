use async_dsl::prelude::*;

#[derive(Clone)]
struct Hub(Chan<i32>);

impl Hub {
    fn start(&self) -> Task<Option<i32>> {
        go!(|self| { take!(self.0) })
    }
}

fn main() {
    let _ = Hub(chan()).start();
}
