use async_dsl::prelude::*;

fn main() {
    go!({
        fn helper() {
            put!(chan::<i32>(), 1);
        }
        helper();
    });
}
