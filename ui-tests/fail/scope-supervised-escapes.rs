use async_dsl::prelude::*;

fn main() {
    go!({
        let mut kept = None;
        scope!(supervise, |s| {
            go!(group = s, { 1 });
            kept = Some(s);
        });
        kept.map(|s| s.running());
    });
}
