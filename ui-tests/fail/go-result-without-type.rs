use async_dsl::prelude::*;

fn main() {
    let c = chan();
    go!({
        put!(c, 1)?;
        Ok(())
    });
}
