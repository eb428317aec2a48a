use async_dsl::prelude::*;

fn main() {
    go!(|c = | { sleep!(1s) });
}
