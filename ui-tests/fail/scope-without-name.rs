use async_dsl::prelude::*;

fn main() {
    go!({
        scope!({ 1 });
    });
}
