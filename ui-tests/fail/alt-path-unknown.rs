use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            words::take!(c) => {}
            sleep!(1s) => {}
        }
    });
}
