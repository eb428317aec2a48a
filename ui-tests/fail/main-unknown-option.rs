#[async_dsl::main(threads = 2)]
async fn main() {}
