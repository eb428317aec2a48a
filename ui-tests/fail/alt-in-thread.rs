use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    thread!({
        alt! { n = take!(c) => n }
    });
}
