//! The words and openers, with their documentation.
//!
//! A word has one arm a place: the opener around it has marked it with `@park`, `@closure`, `@item`,
//! `@thread` or `@value` (the value of a `put!` arm); without a marker it stands outside linear code.
//! What rustdoc shows instead are the forms that a program writes.

mod alt;
mod channels;
mod inspect;
mod openers;
mod words;

pub use alt::{alt, timeout};
pub use channels::{put, take};
pub use openers::{async_block, expand, go, send, thread};
pub use words::{sleep, yield_now};

/// Runs an `async fn main`, whose body is linear code, on the global scheduler.
///
/// `workers = n` sets how many threads that has; otherwise the variable `ASYNC_DSL_WORKERS` does, or the
/// number of cores. `crate = path` says what the dependency is called, if it was renamed.
///
/// The program ends when `main` returns; tasks that are still running end with it. `main` may return
/// whatever a plain `main` may: a `Result`, for example.
///
/// # Errors
///
/// It does not compile on a function that is not `async`, has arguments or is generic.
///
/// # Panics
///
/// A panic of the body is a panic of `main`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[async_dsl::main(workers = 2)]
/// async fn main() {
///     let answers = chan::fixed(1);
///     go!(|answers| { put!(answers, 42).ok(); });
///     assert_eq!(take!(answers), Some(42));
/// }
/// ```
pub use async_dsl_macros::main;

/// Makes an `async fn` a test, whose body is linear code. It is [simulated](crate::sim): one thread, time that takes
/// no time, and a schedule that is the same each time.
///
/// | option | the test runs |
/// | --- | --- |
/// | none | under the schedule of seed 0 |
/// | `seeds = 1000` | under a thousand schedules, until one fails; that is shrunk and printed with its seed |
/// | `strategy = pct` | by probabilistic concurrency testing; also `pct(2)`, `uniform`, and `mixed`, which is the default of `seeds` (see [`Strategy`](crate::sim::Strategy)) |
/// | `seed = 17`, `seed = "plan:0.3-2"` | under this schedule, which failed once |
/// | `unawaited_panics = allow` | and does not fail on a panic of a task that nobody awaits |
/// | `threads = 2` | on a scheduler of its own with two real threads and the real time, without simulation |
/// | `crate = path` | with the dependency of this name, if it was renamed |
///
/// Two variables of the environment go before the options, except for tests with `threads`: `ASYNC_DSL_SEED=…` runs a test under that one
/// schedule, as a failing test prints it, and `ASYNC_DSL_SEEDS=1000` runs each test under that many, at least.
///
/// Beside a panic and an error that it returns, a simulated test fails on a panic of a task that nobody awaits, naming its line
/// (unless `unawaited_panics = allow` says that such panics are expected), on a
/// deadlock (with a report, and without waiting), and if it has not ended after a million steps. It is closed: `thread!`
/// in it is an error, and so is being woken by a thread or a socket.
///
/// Attributes such as `#[ignore]` and `#[should_panic]` work as on any test, and the test may return a `Result`.
///
/// # Errors
///
/// It does not compile on a function that is not `async`, has arguments or is generic.
///
/// # Panics
///
/// A panic of the body fails the test.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[async_dsl::test]
/// async fn a_value_put_is_taken() {
///     let numbers = chan::fixed(1);
///     put!(numbers, 1).unwrap();
///     assert_eq!(take!(numbers), Some(1));
/// }
///
/// #[async_dsl::test(seeds = 100)]
/// async fn whoever_comes_first_is_served() {
///     let numbers = chan::fixed(1);
///     let putters = (0..2).map(|n| go!(|numbers| { put!(numbers, n).ok(); })).collect::<Vec<_>>();
///     let first = take!(numbers).unwrap();
///     let second = take!(numbers, 1s, 9).unwrap();
///     assert_eq!(first + second, 1);
///     drop(putters);
/// }
/// ```
pub use async_dsl_macros::test;

/// Makes the body of an `async fn` linear code, so that the words work in it.
///
/// It works on free functions and on methods. The function stays what it is, an `async fn`: call it in
/// linear code and `.await` it. `crate = path` says what the dependency is called, if it was renamed.
///
/// In a function write `.await`: rustc itself rejects `await!` there, before any attribute sees it.
///
/// # Errors
///
/// It does not compile on a function that is not `async`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[linear]
/// async fn sum(numbers: &Chan<u32>) -> u32 {
///     let mut sum = 0;
///     while let Some(number) = take!(numbers) {
///         sum += number;
///     }
///     sum
/// }
///
/// let numbers = chan();
/// let sum = go!(|numbers| { sum(&numbers).await });
/// async_dsl::block_on(async_block!({
///     put!(numbers, 1).unwrap();
///     put!(numbers, 2).unwrap();
///     numbers.close();
///     assert_eq!(sum.await, 3);
/// }));
/// ```
pub use async_dsl_macros::linear;
