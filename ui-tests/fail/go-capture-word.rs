use async_dsl::prelude::*;

fn main() {
    let c = chan::<Chan<i32>>();
    go!(|inner = take!(c).unwrap()| { take!(inner) });
}
