use async_dsl::prelude::*;

fn main() {
    go!({
        let f = async || Ok::<i32, ()>(1);
        let all = || try_join!(f(), f());
        all();
    });
}
