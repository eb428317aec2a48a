use async_dsl::prelude::*;

use async_dsl::agent::ErrorMode;

fn main() {
    let _ = agent(1).error_mode(ErrorMode::Retry);
}
