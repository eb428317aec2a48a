use async_dsl::prelude::*;

fn main() {
    let f = async || 1;
    thread!({ join!(f(), f()) });
}
