use async_dsl::prelude::*;

#[linear]
struct Next;

fn main() {
    let _ = Next;
}
