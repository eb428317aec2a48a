use async_dsl::prelude::*;

struct Late;
struct Early;

fn main() {
    let (one, two) = (go!({ Ok::<i32, Late>(1) }), go!({ Ok::<i32, Early>(2) }));
    go!({ try_join!(one, two) });
}
