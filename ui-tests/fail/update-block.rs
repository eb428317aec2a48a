use async_dsl::prelude::*;

fn main() {
    let state = agent(1);
    update!(state, { 2 });
}
