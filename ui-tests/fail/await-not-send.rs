use std::rc::Rc;

use async_dsl::prelude::*;

fn main() {
    go!({
        let local = Rc::new(1);
        std::future::ready(()).await;
        drop(local);
    });
}
