use async_dsl::prelude::*;

fn main() {
    go!({
        sleep!(100msec);
    });
}
