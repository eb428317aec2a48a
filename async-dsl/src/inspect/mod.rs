//! Seeing what a program does: every task, channel and agent that is alive, at any moment, in any build.
//!
//! [`dump!`](crate::dump) writes it to standard error from anywhere, [`snapshot`] returns it as a value (as text by `Display`, and
//! as JSON with the feature `serde`), and `on_signal` (feature `signal`) dumps it on a signal such as `SIGQUIT`. A task is shown
//! with the line that started it, whether it runs, is ready or is parked, and where it is parked: the line and the text of the
//! word, since when, and of an `alt!` every arm. A channel is shown with the line that made it, what is in it, which tasks wait
//! for it and what it has counted.
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::scheduler::Scheduler;
//!
//! let scheduler = Scheduler::manual();
//! let orders = chan::fixed::<u32>(8).named("orders");
//! scheduler.enter(|| go!(name = "cook", |orders| { take!(orders) }));
//! scheduler.run_until_parked();
//!
//! let snapshot = scheduler.snapshot();
//! let cook = &snapshot.tasks[0];
//! assert_eq!(cook.name.as_deref(), Some("cook"));
//! assert_eq!(cook.parked[0].text, "take!(orders)");
//! println!("{snapshot}");
//! ```
//!
//! # Where is it stuck?
//!
//! This kitchen gets stuck, since its meals are never taken:
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! #[async_dsl::main]
//! async fn main() {
//!     let orders = chan::fixed(4).named("orders");
//!     let meals = chan::fixed::<u32>(0).named("meals");
//!     let till = agent(0).named("till");
//!     for _ in 0..3 {
//!         go!(name = "cook", |orders, meals| {
//!             while let Some(order) = take!(orders) {
//!                 put!(meals, order).ok();
//!             }
//!         });
//!     }
//!     let waiter = go!(name = "waiter", |orders| {
//!         for table in 1.. {
//!             alt! {
//!                 put!(orders, table) => {}
//!                 sleep!(1min) => break,
//!             }
//!         }
//!     });
//!     go!({ waiter.await });
//!     send!(till, |sum| { sleep!(2s); sum + 1 }).unwrap();
//!
//!     sleep!(200ms);
//!     async_dsl::dump!();
//! }
//! ```
//!
//! Its dump says where:
//!
//! ```text
//! 6 tasks: 0 running, 0 ready, 6 parked
//!   task       state   since  parked at       word                   waits for  started at
//!   3 × cook   parked  200ms  src/main.rs:11  put!(meals, order)     meals      src/main.rs:9
//!   10 waiter  parked  200ms  src/main.rs:18  | put!(orders, table)  orders     src/main.rs:15
//!                             src/main.rs:19  | sleep!(1min)         the time
//!   13         parked  200ms  src/main.rs:23  waiter.await           task 10    src/main.rs:23
//!   16         parked  200ms  src/main.rs:24  sleep!(2s)             the time   src/main.rs:24
//! 1 thread in `block_on`
//!   thread  state    since  parked at  word  waits for  block_on at
//!   main    running                                     src/main.rs:3
//! 2 channels
//!   channel   buffer      holds  parked put/take  handles put/take  puts  takes  lost  most  waited  made at
//!   1 orders  fixed       4/4    1/0              5/5               7     3      0     4     200ms   …in.rs:5
//!   2 meals   rendezvous  0/0    3/0              4/4               0     0      0     0     200ms   …in.rs:6
//! 1 agent
//!   agent   state    queued  made at        error
//!   1 till  running  0       src/main.rs:7
//! ```
//!
//! - **Names are optional**: `go!(name = "cook", |orders| { … })`, `chan().named("orders")`, `agent(0).named("till")`.
//! - **An `alt!`** shows every arm (`|`).
//! - **A method call** (`orders.take().await`) shows its line.
//! - **A plain `.await`** in linear code shows its line and its text (`fetch(url).await`), whatever it awaits: a task, a promise,
//!   the future of another library. If the awaited future is a word, a method such as `orders.take()`, or linear code itself, that
//!   is shown instead, because it knows better where it waits. An `.await` among the arguments of another crate's macro
//!   (`println!("{}", task.await)`) is left alone, and shown without a line.
//! - **A thread** that blocks outside of tasks (`orders.take_blocking()`) is shown too.
//! - **A task that keeps its worker** for a second without parking is a warning: [`long_polls`], [`on_long_poll`].
//!
//! # The process network
//!
//! [`graph`] draws which tasks put into which channels and which ones take, as DOT and (feature `svg`) as a picture, with full
//! channels red and starving ones blue: `cargo run -p async-dsl-examples --example process_network > network.svg`.
//!
//! ![waiters put into a full channel, from which cooks take; a cashier starves][network]
//!
//! # Deadlocks
//!
//! When no task can run, no timer, socket or `thread!` is under way, and a thread waits in `block_on` (or in a blocking twin such
//! as `take_blocking`, if no other thread is left that could act), the program says so after a second, with every line:
//!
//! ```console
//! $ cargo run -q -p async-dsl-examples --example deadlock
//! deadlock: nothing can run, and nothing is waited for that could come
//!   thread "main" in `block_on` at examples/examples/deadlock.rs:20 waits
//!     at examples/examples/deadlock.rs:36: there.await
//!       for task 1 "ann to bob" to end, started at examples/examples/deadlock.rs:30
//!   task 1 "ann to bob", started at examples/examples/deadlock.rs:30, waits since 1.1s
//!     at examples/examples/deadlock.rs:15: take!(to)
//!       for a value from `bob`, made at examples/examples/deadlock.rs:27
//!       which task 3 "bob to ann" took last: it would have to put
//!   task 3 "bob to ann", started at examples/examples/deadlock.rs:33, waits since 1.1s
//!     at examples/examples/deadlock.rs:15: take!(to)
//!       for a value from `ann`, made at examples/examples/deadlock.rs:27
//!       which task 1 "ann to bob" took last: it would have to put
//!   in a circle: task 1 "ann to bob" → task 3 "bob to ann" → task 1 "ann to bob"
//! ```
//!
//! It is called a deadlock only where that is certain. With a thread in the process that is not the scheduler's, the report (to
//! [`on_deadlock`] only) says "may still be woken by other threads" and names them; which threads there are is known on Linux only.
//! In a test [`panic_on_deadlock`](crate::scheduler::Scheduler::panic_on_deadlock) makes it a panic, and a
//! [simulated](crate::sim) test fails with it at once.
//!
//! # Tables of your own
//!
//! A crate with things of its own, on which tasks wait, lists them in a [`Table`]: a pool of connections, say, or channels to
//! other machines. A dump has a row of each, by what its [`Show::show`] returns at that moment; a task that waits for it is shown
//! so, here and in the report of a deadlock; and the graph draws it with its [edges](Row::takes_from). It costs one registration a
//! thing, and nothing while no dump is made.
//!
//! A thing that hands out places of a channel of ours [stands for](Row::stands_for) that: its waiters are the thing's. A future of
//! the crate's own [says](Listing::parks) for which thing it parks.
//!
//! ```
//! use async_dsl::chan::{Putter, Taker};
//! use async_dsl::inspect::{Listing, Row, Show, Table};
//! use async_dsl::prelude::*;
//! use async_dsl::scheduler::Scheduler;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use std::sync::Arc;
//!
//! static REMOTE: Table = Table::new("remote channel", &["put", "in flight"])
//!     .headed("channel")
//!     .short("remote");
//!
//! /// What a put into a queue of another machine goes through: a place among those in flight.
//! struct Remote {
//!     window: Putter<String>,
//!     put: AtomicU64,
//! }
//!
//! impl Show for Remote {
//!     fn show(&self) -> Option<Row> {
//!         let in_flight = self.window.len();
//!         Some(
//!             Row::new()
//!                 .named("jobs")
//!                 .cell(self.put.load(Ordering::Relaxed))
//!                 .cell(in_flight)
//!                 .status(format_args!("{in_flight} in flight"))
//!                 .stands_for(self.window.number())
//!                 .woken_from_outside(), // a network
//!         )
//!     }
//! }
//!
//! let scheduler = Scheduler::manual();
//! let (jobs, _listing, _pump) = scheduler.enter(|| {
//!     let (window, pump): (_, Taker<String>) = chan::fixed(1).split();
//!     let put = AtomicU64::new(0);
//!     let jobs = Arc::new(Remote { window, put });
//!     let listing: Listing = REMOTE.list(Arc::downgrade(&jobs));
//!     (jobs, listing, pump)
//! });
//! jobs.window.try_put("sweep".to_owned()).unwrap();
//! scheduler.enter(|| go!({ put!(jobs.window, "mop".to_owned()).ok(); }));
//! scheduler.run_until_parked();
//!
//! let dump = format!("{:200}", scheduler.snapshot());
//! assert!(dump.contains("jobs (remote): 1 in flight"));
//! println!("{dump}");
//! ```
//!
//! It prints:
//!
//! ```text
//! 1 task: 0 running, 0 ready, 1 parked
//!   task  state   since  parked at       word                                 waits for                   started at
//!   1     parked  0s     src/main.rs:43  put!(jobs.window, "mop".to_owned())  jobs (remote): 1 in flight  src/main.rs:43
//! 1 remote channel
//!   channel  put  in flight
//!   1 jobs   0    1
//! ```
//!
//! # What a snapshot is
//!
//! No task stops for it. Each entry is as it was at one moment, but not all of them at the same moment: a task that moves on
//! meanwhile may be shown among a channel's waiters and as ready. Times come from a coarse clock: on the global scheduler it moves
//! every tenth of a second, on the others once every 64 turns; a task is shown as parked for up to so much too long.
//!
//! # What it costs
//!
//! It is always on. A task carries its number; a waiter in a channel carries the number of its task and the time; a
//! worker records what it polls with three stores of its own. Where a task is parked is not recorded at all, but found
//! in the channels when a snapshot is made; only a wait that no channel knows of (a sleep, the end of a task) is noted
//! when a poll returns pending. A channel carries who put last and who took last, which each operation compares; those who
//! [were there before](ChannelInfo::used_by) are listed up to the fourth, and then sampled. An `.await` carries a reference to
//! its place beside the future. In linear code an awaited future is wrapped for this, so that rustc does not warn there about
//! the ignored output of a `#[must_use] async fn` (it does about an ignored `Result`).
//!
//! Measured by `benches/inspect-cost 11` against a build with inspection compiled out: the median of five layouts of the code,
//! which alone make a difference of some per cent; processor time an operation on a machine with two shared cores, rustc 1.95.
//!
//! | | with | without | costs | in the five layouts |
//! | --- | --- | --- | --- | --- |
//! | put and take that never park, one thread | 22.2 ns | 22.4 ns | -0.4 % | -2.6 to +1.2 % |
//! | a channel of 64, one thread | 45.9 ns | 46.2 ns | -0.2 % | -0.7 to +0.7 % |
//! | the same, on workers | 304.6 ns | 308.3 ns | +2.0 % | -0.1 to +6.4 % |
//! | a message of ping-pong, one thread | 145.1 ns | 142.8 ns | +2.7 % | -0.3 to +4.7 % |
//! | the same, on workers | 647.8 ns | 644.2 ns | -5.9 % | -11.8 to +6.0 % |
//! | start and await a task, one thread | 127.5 ns | 124.9 ns | +2.5 % | +1.0 to +2.9 % |
//! | the same, on workers | 524.9 ns | 531.3 ns | -0.4 % | -2.4 to +1.1 % |
//! | a parked task and its channel | 729 bytes | 665 bytes | 64 bytes | |
//!
#![doc = include_str!("../pictures.md")]

mod deadlock;
mod graph;
mod lost;
mod places;
mod quiet;
mod rows;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
mod signal;
mod snapshot;
mod text;
mod threads;
mod view;
mod watch;

pub(crate) use deadlock::waiting;
pub use deadlock::{Deadlock, OtherThreads, on_deadlock};
pub use graph::Graph;
pub(crate) use quiet::Quiet;
pub use rows::{RowInfo, TableInfo};
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
pub use signal::{Signal, on_signal};
pub use view::{
    AgentInfo, AgentState, BlockOnInfo, ChannelInfo, ChannelUser, GroupInfo, GroupKind, Parked,
    Snapshot, TaskInfo, TaskState, Waiter, WaitsFor,
};
pub(crate) use watch::start as start_watch;
pub use watch::{LongPoll, long_polls, on_long_poll};

pub use crate::runtime::listing::{Listing, Show, Table};
pub use crate::runtime::place::{At, Place};
pub use crate::runtime::row::{Row, RowId};

/// Returns what the program is doing: on the scheduler of this thread, or, on a thread of no scheduler, on all of them.
///
/// It blocks on nothing but each channel's lock, and on that for some ten milliseconds at most.
///
/// # Examples
///
/// ```
/// let snapshot = async_dsl::inspect::snapshot();
/// println!("{snapshot}");   // what fits a terminal
/// println!("{snapshot:#}"); // everything
/// println!("{snapshot:160}"); // for a wide terminal
/// ```
pub fn snapshot() -> Snapshot {
    snapshot::take(&snapshot::Scope::here())
}

/// Returns the process network of a [`snapshot`]: which tasks put into which channels, and which take.
///
/// # Examples
///
/// ```
/// println!("{}", async_dsl::inspect::graph().to_dot());
/// ```
pub fn graph() -> Graph {
    snapshot().graph()
}

/// Writes a [`snapshot`] to standard error: [`dump!`](crate::dump).
///
/// # Examples
///
/// ```
/// async_dsl::inspect::dump();
/// ```
pub fn dump() {
    use std::io::Write;
    // One write, so that the lines of two dumps don't mix; if it fails, there is nowhere to report it.
    let text = format!("{}\n", snapshot());
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A snapshot of one scheduler.
pub(crate) fn snapshot_of(handle: crate::runtime::handle::Handle) -> Snapshot {
    snapshot::take(&snapshot::Scope::Of(handle))
}
