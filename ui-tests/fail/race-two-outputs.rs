use async_dsl::prelude::*;

fn main() {
    let task = go!({ 1 });
    go!({ race!(task, async { sleep!(1s) }) });
}
