#[async_dsl::test(threads = 0)]
async fn f() {}

fn main() {}
