use async_dsl::prelude::*;

use std::thread;

fn main() {
    go!({
        thread::sleep(1s);
    });
}
