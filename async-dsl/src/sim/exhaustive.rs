//! Every schedule: a small program is proved, not sampled.
//!
//! # What it cannot see
//!
//! Memory that tasks share by themselves: an `Arc<Mutex<…>>`, an atomic, a thread-local. Two orders of two steps are both tried
//! only where something that both touch tells them apart, and of channels, `alt!`, promises, tasks, agents and groups the
//! runtime knows what a step touches. Of other memory it has to be told, by [`touch`](super::touch), or by a
//! [`Cell`](super::Cell), which does so by itself. The report says whether any was declared. This program can end with 1 or
//! with 2, and undeclared that is not seen:
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::sim;
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! let program = |declares: bool| move || async_block!({
//!     let count = Arc::new(AtomicU32::new(0));
//!     let tasks = [1, 2].map(|_| go!(|count| {
//!         if declares { sim::touch(&*count); }
//!         let before = count.load(Ordering::Relaxed);
//!         yield_now!();
//!         if declares { sim::touch(&*count); }
//!         count.store(before + 1, Ordering::Relaxed);
//!     }));
//!     for task in tasks {
//!         task.await;
//!     }
//!     count.load(Ordering::Relaxed)
//! });
//! assert_eq!(sim::outcomes(program(false)).len(), 1);
//! assert_eq!(sim::outcomes(program(true)).len(), 2);
//! ```
//!
//! A task that is woken by something undeclared is an error, so that what is parked is never missed: only what looks is.
//!
//! # A test that is a proof
//!
//! With `seeds = 1000` a test is likely right. With `exhaustive` it runs under every schedule, but for those that cannot differ from
//! one that was run, or fails with the first that breaks it, shrunk and printed as for seeds:
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! #[async_dsl::test(exhaustive)]
//! async fn all_philosophers_eat() {
//!     let forks: Vec<_> = (0..4).map(|_| chan::fixed(1)).collect();
//!     for fork in &forks {
//!         put!(fork, ()).unwrap();
//!     }
//!     let tasks: Vec<_> = (0..4).map(|n| {
//!         // The last one takes them the other way round; else this is a deadlock, in 1 of 15 schedules.
//!         let (first, second) = if n < 3 { (n, n + 1) } else { (0, 3) };
//!         let (first, second) = (forks[first].clone(), forks[second].clone());
//!         go!({
//!             take!(first);
//!             take!(second);
//!             put!(first, ()).unwrap();
//!             put!(second, ()).unwrap();
//!         })
//!     }).collect();
//!     for task in tasks {
//!         task.await;
//!     }
//! }
//! ```
//!
//! `cargo test -- --nocapture` prints what was proved:
//!
//! ```text
//! all 14 schedules that can differ: 742 steps, 53 of them at most in one run, in 37.8ms; no shared memory was declared
//! ```
//!
//! `exhaustive, most = 100_000` bounds the number of schedules. If these are not all, the test **fails**, and says how many branches
//! are left at least: it asked for all. [`Config::exhaustive`](super::Config::exhaustive) and [`most`](super::Config::most) are the
//! same for [`check`](super::check). A search of over two seconds says on a terminal how far it is.
//!
//! # What can this print?
//!
//! [`outcomes`](super::outcomes) returns all values that a program can end with, and all ways in which it can fail, each with a
//! schedule that leads there:
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::sim;
//!
//! let all = sim::outcomes(|| async_block!({
//!     let balance = chan::fixed(1);
//!     put!(balance, 0).unwrap();
//!     let deposits = [10, 20].map(|amount| go!(|balance| {
//!         let before = take!(balance).unwrap(); // look,
//!         put!(balance, before).unwrap();
//!         take!(balance); // and later write
//!         put!(balance, before + amount).unwrap();
//!     }));
//!     for deposit in deposits {
//!         deposit.await;
//!     }
//!     take!(balance).unwrap()
//! }));
//! assert_eq!(all.iter().map(|(sum, _)| *sum).collect::<Vec<_>>(), [10, 20, 30]);
//! println!("{all}");
//! ```
//!
//! ```text
//! 10                       ASYNC_DSL_SEED=plan:+,1.3-2
//! 20                       ASYNC_DSL_SEED=plan:+,1.3-2,2.3-1
//! 30                       ASYNC_DSL_SEED=plan:+
//! ```
//!
//! The plus says that the plan is one of a search, and is followed in its two steps a word.
//!
//! # What is tried
//!
//! - **Which task goes on** at each switch point, of all that are ready. A word has two: before it begins, and before what it
//!   returned is used, also if it was ready at once.
//! - **Which ready arm an `alt!` takes**: one branch for each. A draw below n from the seed is n branches, and at most 16.
//! - **Timers of one instant** all fire at once: their order is that of the tasks. Time moves when nothing is ready, and
//!   nothing is tried across that: computing takes no time.
//! - **The end of the main task** drops the others in a test. Here they run on after it until nothing is ready, while time stands
//!   still; a panic counts if it could have come before that end.
//!
//! Left out are the orders of steps that commute (two tasks on channels of their own, a put and a take of one channel), by
//! source sets and sleep sets (P. A. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, *Source Sets*, JACM 2017). So n tasks that put into
//! one channel have n! schedules, and any number of pairs on channels of their own have one.
//!
//! # Limits
//!
//! - It is for small programs: two to four tasks of a few words. Seeds serve the large ones.
//! - **A task that spins**, on `try_take()` and `yield_now!()` say, looks twice, and then waits until another task changes what
//!   it looks at. So a program that gives up after more rounds is not tried at each of them; the report counts the waits. One
//!   whose change never comes fails.
//! - What is not the same each time (a clock, a random source, memory that outlives a run) is an error where it shows.
//! - The simulated network is not searched yet, and says so.
