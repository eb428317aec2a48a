use async_dsl::prelude::*;

fn main() {
    go!({
        let run = || scope!(|s| { go!(group = s, { 1 }) });
        run();
    });
}
