use async_dsl::prelude::*;

fn main() {
    go!({ timeout!(1, { 1 }) });
}
