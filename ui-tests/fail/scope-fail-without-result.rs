use async_dsl::prelude::*;

fn main() {
    go!({
        scope!(|s| -> u32 {
            s.fail("no luck");
            1
        });
    });
}
