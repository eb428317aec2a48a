#[async_dsl::test(threads = 2, unawaited_panics = allow)]
async fn panics() {}

fn main() {}
