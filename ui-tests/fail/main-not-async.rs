#[async_dsl::main]
fn main() {}
