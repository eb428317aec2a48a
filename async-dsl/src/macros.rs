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

/// Makes an `async fn` a test, whose body is linear code.
///
/// `crate = path` says what the dependency is called, if it was renamed. Attributes such as `#[ignore]` and
/// `#[should_panic]` work as on any test, and the test may return a `Result`.
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
