use async_dsl::prelude::*;

fn main() {
    go!({
        const { take!(c) }
    });
}
