#[async_dsl::test]
async fn numbers(_seed: u64) {}

fn main() {}
