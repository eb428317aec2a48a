use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    println!("{}", expand!(take!(c)));
}
