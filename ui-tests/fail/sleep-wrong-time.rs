use async_dsl::prelude::*;

fn main() {
    let time = std::time::Duration::ZERO;
    go!({
        sleep!(100);
        sleep!("1s");
        sleep!(&time);
        sleep!(Some(time));
    });
}
