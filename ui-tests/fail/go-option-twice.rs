use async_dsl::prelude::*;

fn main() {
    go!(name = "one", name = "two", { 1 });
}
