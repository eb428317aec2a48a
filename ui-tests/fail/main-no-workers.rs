#[async_dsl::main(workers = 0)]
async fn main() {}
