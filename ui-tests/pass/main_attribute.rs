//! `main` with options, a result, and `?`.
#![deny(warnings)]
use async_dsl::prelude::*;

#[async_dsl::main(workers = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let c = chan::fixed(1);
    go!(|c| { put!(c, "1").ok() });
    let number: u32 = take!(c).unwrap_or("none").parse()?;
    assert_eq!(number, 1);
    timeout!(1h, { sleep!(1us) })?;
    assert_eq!(join!(go!({ 1 }), async { 2 }), (1, 2));
    Ok(())
}
