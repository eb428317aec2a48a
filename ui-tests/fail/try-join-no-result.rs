use async_dsl::prelude::*;

fn main() {
    let (one, two) = (go!({ Ok::<i32, ()>(1) }), go!({ 2 }));
    go!({ try_join!(one, two) });
}
