use async_dsl::prelude::*;

fn main() {
    go!({
        let bounded = || timeout!(1s, { 1 });
        bounded()
    });
}
