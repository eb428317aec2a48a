use async_dsl::prelude::*;

struct Ticket(u32);

fn main() {
    let c = chan();
    go!(|c, ticket = Ticket(1)| { put!(c, ticket.0) });
}
