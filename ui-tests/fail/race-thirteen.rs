use async_dsl::prelude::*;

fn main() {
    go!({
        let f = async || 1;
        race!(f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f())
    });
}
