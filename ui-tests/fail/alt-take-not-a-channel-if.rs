use async_dsl::prelude::*;

fn main() {
    let (c, answer) = (chan::<i32>(), go!({ 42 }));
    go!({
        alt! {
            n = take!(answer), if true => drop(n),
            _ = take!(c) => (),
        }
    });
}
