use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            n = await!(async { 1 }) => n,
            _ = sleep!(1s) => 0,
        }
    });
}
