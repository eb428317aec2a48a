use async_dsl::prelude::*;

struct Ticket(u32);

fn main() {
    let (c, ticket) = (chan(), Ticket(1));
    go!(|c, ticket| { put!(c, ticket.0) });
}
