use async_dsl::prelude::*;

fn main() {
    let g = Group::new();
    thread!({
        go!(group = g, { 1 });
    });
}
