use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({
        let closure = || take!(c);
        fn item() { sleep!(1s) }
        put!(c);
        sleep!(10seconds);
        c.take_blocking();
        alt! { n = receive!(c) => n };
        thread!({ yield_now!() });
    });
}
