use async_dsl::prelude::*;

fn main() {
    let (c, answer) = (chan::<i32>(), go!({ 42 }));
    go!({
        alt! {
            sent = put!(answer, 1), if true => drop(sent),
            _ = take!(c) => (),
        }
    });
}
