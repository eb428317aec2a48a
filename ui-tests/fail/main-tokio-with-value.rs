#[async_dsl::main(tokio = handle)]
async fn main() {}
