use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            n = take!(c, 1s, 0) => drop(n),
            sleep!(1s) => (),
        }
    });
}
