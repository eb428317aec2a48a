use async_dsl::prelude::*;

struct Ticket(u32);

fn main() {
    let ticket = Ticket(1);
    thread!(|ticket| { ticket.0 });
}
