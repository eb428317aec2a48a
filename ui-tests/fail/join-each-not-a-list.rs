use async_dsl::prelude::*;

fn main() {
    go!({ join!(each 5) });
}
