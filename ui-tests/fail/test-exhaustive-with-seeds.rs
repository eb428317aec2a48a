#[async_dsl::test(exhaustive, seeds = 1000)]
async fn it_works() {}

#[async_dsl::test(most = 1000)]
async fn it_works_too() {}

#[async_dsl::test(exhaustive = 1000)]
async fn and_so_does_this() {}

fn main() {}
