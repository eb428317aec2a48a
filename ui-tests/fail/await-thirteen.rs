use async_dsl::prelude::*;

fn main() {
    go!({
        let f = || async {};
        await!(f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f())
    });
}
