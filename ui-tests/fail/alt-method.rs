use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            n = c.take() => n,
            _ = sleep!(1s) => None,
        }
    });
}
