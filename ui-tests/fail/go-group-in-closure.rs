use async_dsl::prelude::*;

fn main() {
    go!({
        let g = Group::new();
        (0..3).for_each(|n| {
            go!(group = g, { n });
        });
    });
}
