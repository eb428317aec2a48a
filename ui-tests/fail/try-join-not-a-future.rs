use async_dsl::prelude::*;

fn main() {
    let f = async || Ok::<i32, ()>(1);
    go!({ try_join!(f(), 2) });
}
