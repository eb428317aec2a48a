use async_dsl::prelude::*;

fn main() {
    go!({
        let f = async || 1;
        let all = || join!(f(), f());
        all();
    });
}
