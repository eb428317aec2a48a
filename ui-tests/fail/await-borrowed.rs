use async_dsl::prelude::*;

async fn first(text: &str) -> &str {
    text
}

fn main() {
    go!({
        let found = first(&String::from("a")).await;
        println!("{found}");
    });
}
