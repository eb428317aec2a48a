use async_dsl::prelude::*;

fn main() {
    go!({
        fn helper() {
            timeout!(1s, { 1 });
        }
        helper();
    });
}
