use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            sent = put!(c, take!(c).unwrap_or(0)) => drop(sent),
        }
    });
}
