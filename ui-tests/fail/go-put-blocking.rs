use async_dsl::prelude::*;

fn main() {
    let c = chan();
    go!({ c.put_blocking(1) });
}
