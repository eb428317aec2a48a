use async_dsl::prelude::*;

fn main() {
    go!({
        let unknown = Vec::new().pop().unwrap();
        unknown.await
    });
}
