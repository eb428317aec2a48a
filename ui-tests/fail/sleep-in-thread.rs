use async_dsl::prelude::*;

fn main() {
    thread!({ sleep!(1s) });
}
