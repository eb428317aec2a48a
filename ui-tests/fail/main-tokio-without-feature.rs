#[async_dsl::main(tokio)]
async fn main() {}
