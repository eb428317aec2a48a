use async_dsl::prelude::*;

fn main() {
    thread!({ timeout!(1s, { 1 }) });
}
