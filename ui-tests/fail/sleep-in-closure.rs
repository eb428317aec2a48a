use async_dsl::prelude::*;

fn main() {
    go!({
        let nap = || sleep!(1s);
        nap()
    });
}
