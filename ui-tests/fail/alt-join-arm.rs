use async_dsl::prelude::*;

fn main() {
    let f = async || 1;
    go!({
        alt! {
            both = join!(f(), f()) => drop(both),
            sleep!(1s) => (),
        }
    });
}
