#[async_dsl::main(graceful = 10)]
async fn main() {}
