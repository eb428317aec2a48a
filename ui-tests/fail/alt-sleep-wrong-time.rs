use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! { sleep!(100) => {} }
        alt! {
            sleep!(100), if true => {}
            take!(c) => {}
        }
    });
}
