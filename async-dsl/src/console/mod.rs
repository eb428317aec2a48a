//! A console into the running program: look at its channels, agents and tasks, put into and take from exported ones.
//!
//! The feature `console` is off by default, because it compiles an interpreter. [`serve`] opens a console on a Unix socket that only
//! the user of the program can connect to, or on a port of this machine with a random token:
//!
//! ```no_run
//! use async_dsl::console;
//! use async_dsl::prelude::*;
//!
//! # let (orders, served) = (chan::fixed::<String>(8), agent(0));
//! let options = console::Options::unix("/run/user/1000/kitchen.sock")
//!     .export_chan("orders", &orders) // a Chan, or only its Putter or Taker
//!     .export_agent("served", &served);
//! let console = console::serve(options)?; // ends when it is dropped; `shutdown(1s)` ends its sessions too
//! # drop(console);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It evaluates one line after the other, and `nc` is client enough. The example program is a kitchen:
//!
//! ```console
//! $ cargo run -q -p async-dsl-examples --example console -- /tmp/kitchen.sock &
//! $ nc -U /tmp/kitchen.sock
//! 1 + 2 + 3
//! 6
//! let x = 20; print("x is " + x); x * 2 + 2
//! x is 20
//! 42
//! put("orders", "tea")
//! ()
//! take("dishes", 4000)
//! "cake, by cook 1"
//! get("served")
//! 6
//! put("orders", 7)
//! error: Runtime error: put into channel "orders": it takes a text, and this is an integer (line 1, position 1)
//! nobody
//! error: Variable not found: nobody (line 1, position 1)
//! loop {}
//! error: Too many operations (line 1, position 6)
//! fn is_parked(task) { task.state == "parked" } tasks().filter(is_parked).len()
//! 5
//! ```
//!
//! The example program `console_client` has line editing, a history and completion of names; in a pipe it reads lines and writes
//! answers (`echo 'dump()' | cargo run -q -p async-dsl-examples --example console_client -- /tmp/kitchen.sock`).
//!
//! # The language
//!
//! It is [rhai](https://rhai.rs), with functions that have the names of this crate's words: `put(name, value)`,
//! `take(name, ms)`, `get(agent)`, `chans()`, `agents()`, `tasks()`, `counters()`, `dump()`, `names()`, `run_once()`;
//! `help()` describes each. **The words themselves (`take!`, `alt!`, `go!`) are not there**: they are rewritten when
//! the program is compiled. Nor are closures, modules, files and processes. Variables and functions last as long as the
//! session, and each session has its own. A script has no input to read: the next line is the next form.
//!
//! Only exported names can be reached, see [`Exports`]. Values cross by [`ToValue`] and [`FromValue`].
//!
//! # The protocol
//!
//! - A line is a form: one or more statements (`let x = 1; x + 1`), in UTF-8, up to [8 KiB](Options::line). An unfinished
//!   form is a parse error; it does not go on in the next line. An empty line gives `()`.
//! - Over TCP the first line that is not empty is the token; the answer to it is `ok`, or `error: …` and the end.
//! - An answer is what was printed, and then the value, or `error: ` and the message; either can have several lines.
//!   There is no prompt and no greeting. A client that sends all its lines and ends its direction gets all answers and
//!   then the end.
//! - After the line `.framed` each answer is made for programs: lines of output begin with `| `, those of the value with `= `,
//!   those of an error with `! `, and then comes a line `.` (`.cut` if something was left out). No other line begins
//!   with a dot.
//! - A line that is too long or not UTF-8, and a session that is idle for too long, are answered with an error and the end.
//!
//! # Security
//!
//! **A client of the console can do what the program can do with its exports.** It can take values that are then lost
//! to the program, put values that it did not expect, and read the state of every exported agent. Of all tasks,
//! channels and agents, exported or not, it sees the lines, names and counters (`tasks()`, `dump()`), but no values.
//! Export accordingly, and guard the socket.
//!
//! It cannot reach anything not exported, nor files, processes, modules or memory. It can keep a core busy for [five
//! seconds](Limits::deadline) at a time in each of [eight sessions](Options::sessions), and take some tens of megabytes
//! ([32](Limits::memory), and what is allocated between two checks). What a script may hold and do is limited (10
//! million operations, 64 KiB of output, depth, sizes), and exceeding these [limits](Limits) is an error; what the
//! limits are, and what they do not cover by themselves, was found out by trying, and is pinned by tests. The
//! evaluation runs on a thread of its own, off the async workers. The functions of the program that it calls (a
//! `ToValue`, say) cannot be interrupted: a session whose evaluation does not return is closed, but its thread stays,
//! and counts as a session.
//!
//! - A Unix socket has mode 0600 from its first moment; only the user, and root, can connect. Prefer it.
//! - Over TCP there is a token of 128 random bits, compared in constant time: more than can be guessed. The right one
//!   is let in however many wrong ones and silent connections there are; after five wrong ones within ten seconds, the
//!   answer to the next is delayed by a second. The connection is not encrypted: use a tunnel to it, or the Unix
//!   socket. An address beyond loopback needs [`Options::beyond_loopback`].
//! - Connections without a token (on a Unix socket: without a line) are counted apart from the sessions. There are sixteen
//!   at most: the next takes the place of the oldest, so that they keep no client out.
//! - A first line that looks like HTTP, after empty ones or not, ends the connection without an answer: a web page can make its
//!   reader's browser talk to ports of their machine.
//! - [`Options::audit`] is called with each client and its form, before and after the evaluation.
//!
//! When a client goes away, its evaluation is cancelled. Over TCP a client that closes its socket looks like one that only
//! has nothing more to say, so there it may go on to its deadline.

mod answer;
mod audit;
mod connection;
mod evaluator;
mod exports;
mod limits;
mod options;
mod output;
mod permits;
mod protocol;
mod server;
mod session;
#[cfg(unix)]
mod socket;
mod strangers;
mod token;
mod value;
mod wait;

pub use answer::Answer;
pub use audit::{Event, Peer, Refusal, What};
pub use exports::{Export, Exports};
pub use limits::Limits;
pub use options::Options;
pub use server::{Console, serve};
pub use session::Session;
pub use value::{FromValue, Room, ToValue, TooLarge, Value};
