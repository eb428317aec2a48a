use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            sent = put!(c) => drop(sent),
            sleep!(1s) => (),
        }
    });
}
