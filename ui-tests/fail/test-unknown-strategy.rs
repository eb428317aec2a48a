#[async_dsl::test(seeds = 10, strategy = luck)]
async fn f() {}

fn main() {}
