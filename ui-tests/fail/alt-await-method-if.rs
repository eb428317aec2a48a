use async_dsl::prelude::*;

struct Child;

impl Child {
    async fn status(&mut self) -> u8 {
        0
    }
}

fn main() {
    let c = chan::<u8>();
    go!(|c| {
        let mut child = Child;
        alt! {
            n = take!(c) => n,
            n = await!(child.status()), if c.is_empty() => Some(n.count_ones() as u8),
        }
    });
}
