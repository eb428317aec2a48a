use async_dsl::prelude::*;

fn main() {
    go!({
        fn next(c: &Chan<i32>) -> Option<i32> {
            take!(c)
        }
        next(&chan())
    });
}
