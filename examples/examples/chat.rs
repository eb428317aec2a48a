//! Chat rooms: `cargo run -p async-dsl-examples --example chat -- [PORT]`, then `nc 127.0.0.1 8080` in two terminals.
//!
//! Each client is one task, which waits for a line of the client and for news of its room at once. A room is a broadcast: whoever
//! says something never waits for who listens. A client that does not read holds up its own task only, and is told how many
//! lines it lost. Ctrl-C says goodbye to everybody.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use async_dsl::flow::{self, Broadcast, Lagged, Subscriber};
use async_dsl::net::{Conn, Lines, Options, tcp};
use async_dsl::prelude::*;
use async_dsl::shutdown_token;

/// A client that is slower than the others may be this many lines behind.
const BACKLOG: usize = 64;

/// Something said in a room; all who hear it share the text.
type Line = Arc<str>;

/// The rooms that somebody is in, by their names.
#[derive(Clone, Default)]
struct Rooms(Arc<Mutex<HashMap<String, Broadcast<Line>>>>);

impl Rooms {
    /// Returns a seat in a room, which is made if nobody is in it.
    fn enter(&self, room: &str, name: String) -> Seat {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.retain(|_, room| room.subscribers() > 0);
        let room = rooms
            .entry(room.to_owned())
            .or_insert_with(|| flow::broadcast(BACKLOG).named(room.to_owned()))
            .clone();
        let news = room.subscribe();
        let seat = Seat { name, room, news };
        seat.say(format!("* {} comes in", seat.name));
        seat
    }
}

/// Somebody in a room.
struct Seat {
    name: String,
    room: Broadcast<Line>,
    news: Subscriber<Line>,
}

impl Seat {
    fn say(&self, line: String) {
        // It never parks; and nobody closes a room.
        self.room.put(line.into()).ok();
    }
}

/// However a client ends, the others are told.
impl Drop for Seat {
    fn drop(&mut self) {
        self.say(format!("* {} leaves", self.name));
    }
}

/// Talks to one client until it has gone.
#[linear]
async fn client(conn: Conn, rooms: Rooms) -> io::Result<()> {
    let conn = conn.framed(Lines::new());
    put!(conn, "your name?".to_string())?;
    let Some(name) = take!(conn).transpose()? else {
        return Ok(());
    };
    let mut seat = rooms.enter("lobby", name);
    loop {
        alt! {
            line = take!(conn) => {
                let Some(line) = line.transpose()? else { break };
                match line.split_once(' ').unwrap_or((&line, "")) {
                    ("/join", room) if !room.is_empty() => seat = rooms.enter(room, seat.name.clone()),
                    ("/name", name) if !name.is_empty() => {
                        seat.say(format!("* {} is {name} now", seat.name));
                        seat.name = name.to_owned();
                    }
                    ("/who", _) => put!(conn, format!("* {} here", seat.room.subscribers()))?,
                    ("/quit", _) => break,
                    _ => seat.say(format!("{}: {line}", seat.name)),
                }
            }
            // The put parks while the client does not read; nobody else notices.
            heard = take!(seat.news) => match heard {
                Some(Ok(line)) => put!(conn, line.to_string())?,
                Some(Err(Lagged(lost))) => put!(conn, format!("* you lost {lost} lines"))?,
                None => break,
            },
            () = await!(shutdown_token().cancelled()) => break,
        }
    }
    Ok(put!(conn, "* goodbye".to_string())?)
}

#[async_dsl::main(graceful = 10s)]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).unwrap_or("8080".to_owned());
    let rooms = Rooms::default();
    let handler = move |conn| client(conn, rooms);
    // A client that has not read for half a minute is cut off: one of the options.
    let server = tcp::serve(port.parse::<u16>()?, Options::long_lived(), handler).await?;
    println!("listening on {}", server.local_addr()?);

    shutdown_token().cancelled().await;
    // Longer than a client may keep its side open after the goodbye, which is two seconds.
    let ended = server.shutdown(4s).await;
    println!("the end: {} cut off", ended.cut);
    Ok(())
}
