#[async_dsl::main(graceful)]
async fn main() {}
