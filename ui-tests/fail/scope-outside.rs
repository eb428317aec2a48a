use async_dsl::prelude::*;

fn main() {
    scope!(|s| { go!(group = s, { 1 }) });
}
