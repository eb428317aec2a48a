use async_dsl::net::unix;
use async_dsl::prelude::*;

fn main() {
    let (conn, _other) = unix::pair().unwrap();
    go!({ put!(conn, 5) });
}
