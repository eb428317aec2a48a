use async_dsl::prelude::*;

fn main() {
    go!({ async_dsl::block_on(async { 1 }) });
}
