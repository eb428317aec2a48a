use async_dsl::prelude::*;

fn main() {
    go!(|| -> i32 { "one" });
}
