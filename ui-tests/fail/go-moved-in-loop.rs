use async_dsl::prelude::*;

fn main() {
    let c = chan();
    for i in 0..3 {
        go!({ put!(c, i) });
    }
}
