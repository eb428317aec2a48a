use async_dsl::prelude::*;

fn main() {
    go!({ yield_now!(3) });
}
