use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            a = receive!(c) => drop(a),
            b = take!(c) drop(b),
            sleep!(1s) => (),
        }
    });
}
