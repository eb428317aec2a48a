use async_dsl::prelude::*;

fn main() {
    go!({
        fn helper() {
            yield_now!();
        }
        helper();
    });
}
