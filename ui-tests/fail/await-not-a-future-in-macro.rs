use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        await!(5);
        await!(c, go!({ 1 }), ());
        await!(each 5);
        await!(each [5]);
    });
}
