use async_dsl::prelude::*;

fn main() {
    go!({
        let f = async || Ok::<i32, ()>(1);
        try_join!(f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f())
    });
}
