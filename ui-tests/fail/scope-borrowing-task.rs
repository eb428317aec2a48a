use async_dsl::prelude::*;

fn main() {
    go!({
        let text = String::from("text");
        let text = &text;
        scope!(|s| {
            go!(group = s, { text.len() });
        });
    });
}
