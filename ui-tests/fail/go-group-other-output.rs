use async_dsl::prelude::*;

fn main() {
    go!({
        let g = Group::<u32>::new();
        go!(group = g, { "text" });
    });
}
