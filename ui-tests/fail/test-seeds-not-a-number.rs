#[async_dsl::test(seeds = "many")]
async fn f() {}

fn main() {}
