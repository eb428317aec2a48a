#[async_dsl::test(threads = 2, seeds = 10)]
async fn f() {}

fn main() {}
