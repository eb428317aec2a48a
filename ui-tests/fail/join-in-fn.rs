use async_dsl::prelude::*;

async fn f() -> i32 {
    1
}

fn main() {
    go!({
        async fn helper() {
            let _ = join!(f(), f());
        }
        helper().await;
    });
}
