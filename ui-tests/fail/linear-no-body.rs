use async_dsl::prelude::*;
use async_trait::async_trait;

#[async_trait]
trait Next {
    #[linear]
    async fn next(&self) -> Option<u32>;
}

fn main() {}
