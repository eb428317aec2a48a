#[async_dsl::test(workers = 2)]
async fn f() {}

fn main() {}
