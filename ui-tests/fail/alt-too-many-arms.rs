use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        alt! {
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (), take!(c) => (),
            sleep!(1s) => (),
        }
    });
}
