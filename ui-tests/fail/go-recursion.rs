use async_dsl::prelude::*;

async fn fib(n: u64) -> u64 {
    match n {
        0 | 1 => n,
        n => go!(fib(n - 1).await).await + fib(n - 2).await,
    }
}

fn main() {
    async_dsl::block_on(fib(3));
}
