#![deny(warnings)]
use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!({
        alt! {
            #[expect(unused_variables)]
            n = take!(c) => n,
        };
    });
}
