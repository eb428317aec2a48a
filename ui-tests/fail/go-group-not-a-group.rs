use async_dsl::prelude::*;

fn main() {
    go!({
        let jobs = chan::<u32>();
        go!(group = jobs, { 1 });
    });
}
