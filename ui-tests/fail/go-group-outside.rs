use async_dsl::prelude::*;

fn main() {
    let g = Group::new();
    go!(group = g, { 1 });
}
