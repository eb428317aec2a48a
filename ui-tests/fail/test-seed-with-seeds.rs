#[async_dsl::test(seed = 17, seeds = 10)]
async fn f() {}

fn main() {}
