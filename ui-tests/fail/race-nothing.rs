use async_dsl::prelude::*;

fn main() {
    go!({ race!() });
}
