use async_dsl::prelude::*;

fn main() {
    let f = async || 1;
    go!({ join!(f(), 2) });
}
