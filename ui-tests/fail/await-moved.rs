use async_dsl::prelude::*;

fn main() {
    go!({
        let task = go!({ 1 });
        task.await;
        task.await
    });
}
