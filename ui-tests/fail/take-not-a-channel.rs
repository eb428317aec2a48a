use async_dsl::prelude::*;

fn main() {
    let answer = go!({ 42 });
    go!({ take!(answer) });
}
