use async_dsl::prelude::*;

fn main() {
    go!({ race!(each 5) });
}
