use async_dsl::prelude::*;

async fn f() -> Result<i32, ()> {
    Ok::<i32, ()>(1)
}

fn main() {
    go!({
        async fn helper() {
            let _ = try_join!(f(), f());
        }
        helper().await;
    });
}
