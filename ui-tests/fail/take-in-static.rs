use async_dsl::prelude::*;

fn main() {
    go!({
        static FIRST: Option<i32> = take!(c);
        FIRST
    });
}
