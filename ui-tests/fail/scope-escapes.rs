use async_dsl::prelude::*;

fn main() {
    go!({
        let mut kept = None;
        scope!(|s| {
            kept = Some(s);
        });
        if let Some(s) = kept {
            go!(group = s, { 1 });
        }
    });
}
