use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            (a, b) = await!(c, c) => drop((a, b)),
            sleep!(1s) => (),
        }
    });
}
