use async_dsl::prelude::*;

struct Ticket(u32);

struct Office {
    ticket: Ticket,
}

fn main() {
    let (c, office) = (chan(), Office { ticket: Ticket(1) });
    go!(|c, first = office.ticket| { put!(c, first.0) });
}
