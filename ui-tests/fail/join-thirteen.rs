use async_dsl::prelude::*;

fn main() {
    go!({
        let f = async || 1;
        join!(f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f())
    });
}
