use async_dsl::prelude::*;

fn main() {
    let f = async || 1;
    go!({ race!(f(), 2) });
}
