use async_dsl::prelude::*;

fn main() {
    let f = async || Ok::<i32, ()>(1);
    go!({
        alt! {
            both = try_join!(f(), f()) => drop(both),
            sleep!(1s) => (),
        }
    });
}
