#[async_dsl::main]
async fn main(_name: String) {}
