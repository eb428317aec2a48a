use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    let f = async || 1;
    go!({
        alt! {
            put!(c, { race!(f(), f()); 1 }) => (),
        }
    });
}
