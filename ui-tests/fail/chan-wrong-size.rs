use async_dsl::prelude::*;

fn main() {
    let _ = chan::fixed::<i32>("ten");
}
