use async_dsl::prelude::*;

use std::rc::Rc;

fn main() {
    let c = chan::<i32>();
    go!({
        let shared = Rc::new(1);
        take!(c);
        drop(shared);
    });
}
