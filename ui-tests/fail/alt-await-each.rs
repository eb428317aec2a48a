use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            all = await!(each c) => drop(all),
            sleep!(1s) => (),
        }
    });
}
