use async_dsl::prelude::*;

fn main() {
    go!({
        (0..3).for_each(|_| yield_now!());
    });
}
