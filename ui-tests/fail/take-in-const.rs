use async_dsl::prelude::*;

fn main() {
    go!({
        const FIRST: Option<i32> = take!(c);
        FIRST
    });
}
