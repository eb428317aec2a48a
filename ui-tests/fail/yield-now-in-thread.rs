use async_dsl::prelude::*;

fn main() {
    thread!({ yield_now!() });
}
