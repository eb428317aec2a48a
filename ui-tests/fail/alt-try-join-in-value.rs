use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    let f = async || Ok::<i32, ()>(1);
    go!({
        alt! {
            put!(c, { try_join!(f(), f()); 1 }) => (),
        }
    });
}
