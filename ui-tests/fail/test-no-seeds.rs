#[async_dsl::test(seeds = 0)]
async fn f() {}

fn main() {}
