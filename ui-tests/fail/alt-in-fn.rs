use async_dsl::prelude::*;

fn main() {
    go!({
        fn helper() {
            alt! { default => () };
        }
        helper();
    });
}
