use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            n = take!(c) => drop(n),
            default => (),
            default => (),
        }
    });
}
