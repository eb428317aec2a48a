use async_dsl::prelude::*;

fn main() {
    let f = async || Ok::<i32, ()>(1);
    thread!({ try_join!(f(), f()) });
}
