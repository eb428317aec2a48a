use async_dsl::prelude::*;

fn main() {
    thread!({ await!(std::future::ready(1)) });
}
