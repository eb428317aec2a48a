use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        println!("{:?}", Some(1).or_else(|| take!(c)));
    });
}
