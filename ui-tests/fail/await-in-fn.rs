use async_dsl::prelude::*;

fn main() {
    go!({
        fn helper() {
            await!(std::future::ready(1));
        }
        helper();
    });
}
