use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            n = receive!(c) => n,
            _ = sleep!(1s) => None,
        }
    });
}
