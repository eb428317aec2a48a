use async_dsl::prelude::*;

fn main() {
    go!({ try_join!() });
}
