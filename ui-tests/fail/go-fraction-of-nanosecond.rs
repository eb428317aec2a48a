use async_dsl::prelude::*;

fn main() {
    go!({
        sleep!(0.5ns);
    });
}
