use async_dsl::prelude::*;

fn main() {
    go!(nam = "cook", { 1 });
    async_block!(name = "cook", { 1 });
    go!(name = "cook");
}
