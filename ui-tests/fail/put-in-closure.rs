use async_dsl::prelude::*;

fn main() {
    let c = chan();
    go!({
        (0..3).for_each(|n| drop(put!(c, n)));
    });
}
