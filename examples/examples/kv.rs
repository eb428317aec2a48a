//! A key-value server that speaks a part of Redis' protocol: `cargo run -p async-dsl-examples --example kv -- [PORT]`, then
//! `redis-cli -p 6380 SET greeting hello`, or `redis-benchmark -p 6380 -t ping,set,get,incr -P 16`.
//!
//! Each client is one task: it takes a chunk of bytes, answers all the requests that are complete in it, and puts the answers at
//! once, so that pipelines of requests cost one system call each way. The values are behind a plain lock, because nothing parks
//! while it is held.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use async_dsl::net::{Conn, Options, tcp};
use async_dsl::prelude::*;
use async_dsl::shutdown_token;

type Bytes = Vec<u8>;
/// The words of a request, and what follows it.
type Request<'a> = (Vec<&'a [u8]>, &'a [u8]);
type Store = Arc<Mutex<HashMap<Bytes, Bytes>>>;

/// The longest request, in bytes, and the most words in one.
const MOST: usize = 1 << 20;
const WORDS: usize = 1024;

/// Returns the line at the start of the input, and what follows it.
fn line(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = input.windows(2).position(|pair| pair == b"\r\n")?;
    Some((&input[..end], &input[end + 2..]))
}

fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Returns the request at the start of the input; `None` if it is not all there.
fn request(input: &[u8]) -> Result<Option<Request<'_>>, &'static str> {
    let Some((first, mut rest)) = line(input) else {
        return Ok(None);
    };
    // As a person types it: `GET key`.
    let Some(count) = first.strip_prefix(b"*") else {
        let words = first.split(u8::is_ascii_whitespace);
        return Ok(Some((words.filter(|w| !w.is_empty()).collect(), rest)));
    };
    // As a program sends it: `*2`, `$3`, `GET`, `$3`, `key`.
    let count = number(count).filter(|count| *count <= WORDS);
    let mut words = Vec::new();
    for _ in 0..count.ok_or("invalid multibulk length")? {
        let Some((length, after)) = line(rest) else {
            return Ok(None);
        };
        let length = length.strip_prefix(b"$").and_then(number);
        let length: usize = length.ok_or("invalid bulk length")?;
        if length > MOST {
            return Err("invalid bulk length");
        }
        if after.len() < length + 2 {
            return Ok(None);
        }
        words.push(&after[..length]);
        rest = &after[length + 2..];
    }
    Ok(Some((words, rest)))
}

/// Writes the answer to one request.
fn answer(words: &[&[u8]], store: &mut HashMap<Bytes, Bytes>, out: &mut Bytes) -> io::Result<()> {
    let Some((command, arguments)) = words.split_first() else {
        return Ok(());
    };
    match (command.to_ascii_uppercase().as_slice(), arguments) {
        (b"PING", []) => write!(out, "+PONG\r\n"),
        (b"GET", [key]) => match store.get(*key) {
            Some(value) => {
                write!(out, "${}\r\n", value.len())?;
                out.extend(value);
                write!(out, "\r\n")
            }
            None => write!(out, "$-1\r\n"),
        },
        (b"SET", [key, value]) => {
            store.insert(key.to_vec(), value.to_vec());
            write!(out, "+OK\r\n")
        }
        (b"DEL", keys @ [_, ..]) => {
            let removed = keys.iter().filter(|key| store.remove(**key).is_some());
            write!(out, ":{}\r\n", removed.count())
        }
        (b"EXISTS", keys @ [_, ..]) => {
            let there = keys.iter().filter(|key| store.contains_key(**key));
            write!(out, ":{}\r\n", there.count())
        }
        (b"INCR", [key]) => {
            let old = store.get(*key).map_or(Some(0), |value| number(value));
            let Some(new) = old.and_then(|old: i64| old.checked_add(1)) else {
                return write!(out, "-ERR value is not an integer or out of range\r\n");
            };
            store.insert(key.to_vec(), new.to_string().into());
            write!(out, ":{new}\r\n")
        }
        _ => write!(out, "-ERR unknown command, or wrong number of words\r\n"),
    }
}

/// Answers all the requests that are complete, and removes them from the input.
fn answers(input: &mut Bytes, store: &Store, out: &mut Bytes) -> Result<(), &'static str> {
    let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
    let mut left = input.as_slice();
    while let Some((words, rest)) = request(left)? {
        answer(&words, &mut store, out).expect("memory can be written to");
        left = rest;
    }
    let done = input.len() - left.len();
    input.drain(..done);
    if input.len() > MOST {
        return Err("too big a request");
    }
    Ok(())
}

/// Talks to one client until it has gone.
#[linear]
async fn client(conn: Conn, store: Store) -> io::Result<()> {
    let mut input = Bytes::new();
    while let Some(chunk) = take!(conn).transpose()? {
        input.extend(chunk);
        let mut out = Bytes::new();
        let result = answers(&mut input, &store, &mut out);
        put!(conn, out)?;
        if let Err(problem) = result {
            put!(conn, format!("-ERR Protocol error: {problem}\r\n"))?;
            break; // nobody knows where the next request begins
        }
    }
    Ok(())
}

#[async_dsl::main(graceful = 5s)]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).unwrap_or("6380".to_owned());
    let store = Store::default();
    let handler = move |conn| client(conn, store);
    let server = tcp::serve(port.parse::<u16>()?, Options::long_lived(), handler).await?;
    println!("listening on {}", server.local_addr()?);
    shutdown_token().cancelled().await;
    server.shutdown(100ms).await;
    Ok(())
}
