use async_dsl::prelude::*;

fn main() {
    go!({
        fn helper() {
            sleep!(1s);
        }
        helper();
    });
}
