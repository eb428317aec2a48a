use async_dsl::prelude::*;

fn main() {
    go!({
        scope!(|s| { s })
    });
}
