use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            n = timeout!(1s, { take!(c) }) => drop(n),
            sleep!(1s) => (),
        }
    });
}
