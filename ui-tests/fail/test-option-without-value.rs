#[async_dsl::test(seeds)]
async fn f() {}

fn main() {}
