use async_dsl::prelude::*;

fn main() {
    let _ = chan::endless::<i32>(10);
}
