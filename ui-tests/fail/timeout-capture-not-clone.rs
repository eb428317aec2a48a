use async_dsl::prelude::*;

struct Ticket(u32);

fn main() {
    let ticket = Ticket(1);
    go!({ timeout!(1s, |ticket| { ticket.0 }) });
}
