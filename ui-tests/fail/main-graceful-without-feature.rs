#[async_dsl::main(graceful = 10s)]
async fn main() {}
