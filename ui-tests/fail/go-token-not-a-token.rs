use async_dsl::prelude::*;

fn main() {
    let stop = chan::<()>();
    go!(token = stop, { 1 });
}
