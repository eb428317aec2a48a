use async_dsl::prelude::*;

mod words {
    pub use async_dsl::take;
}

fn main() {
    let c = chan::<i32>();
    go!({ words::take!(c) });
}
