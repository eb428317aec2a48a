#[async_dsl::test(unawaited_panics = ignore)]
async fn unknown() {}

#[async_dsl::test(unawaited_panics)]
async fn without_value() {}

#[async_dsl::test(unawaited_panic = allow)]
async fn misspelled() {}

fn main() {}
