//! The word for tasks that end where they were started.

/// Runs a block of linear code, and ends when all tasks that were started in it have ended.
///
/// | form | returns |
/// | --- | --- |
/// | `scope!(\|s\| { … })` | the value of the block |
/// | `scope!(\|s\| -> Result<T, E> { … })` | the same, or the error of [`s.fail(error)`](crate::task::Scope::fail) |
/// | `scope!(supervise, \|s\| { … })` | a `Vec` of the outcomes of its tasks, in the order of their starts, as far as none took them |
///
/// `go!(group = s, { … })` starts a task of the scope. In the plain form it returns the task's [`Task`](crate::task::Task), to
/// be awaited in the block or dropped, and a task that takes a clone of `s` may start more: `go!(group = s, |s| { … })`. If a
/// task **panics**, or the block, the block and the other tasks are cancelled, and the panic goes on where the scope stands;
/// further panics go to the hook of [`on_unobserved_panic`](crate::task::on_unobserved_panic). `s.fail(error)` does the same
/// with an error. The block's own `?` and `return` leave the block, and cancel nothing.
///
/// With `supervise` a task that panics ends alone. `s` is a [`Group`](crate::task::Group): the block may `take!(s)`, to start
/// a task anew, and what it does not take, the scope returns. The block has no value.
///
/// The block borrows what it only uses. Its tasks own what they use, as every task: tasks that borrow from the block would be
/// unsound, because the scope's future can be forgotten (`mem::forget`) while they run.
///
/// # What is waited for, and what is only cancelled
///
/// A task has ended when it has dropped all that it held, with the scopes in it. For that waits:
///
/// - the scope, at its end, and after a failure;
/// - [`timeout!`](crate::timeout!) (and [`timeout`](crate::time::timeout)) around the scope, when its time is over: it returns
///   `Elapsed` after the tasks have ended, which takes as long as they need to their next parking point;
/// - whoever awaits the scope's own task, when that is cancelled: `task.cancel().await`, `group.cancel().await`, the outcome of
///   the task. The task itself is over only then.
///
/// Anywhere else a drop cannot wait. If the future of the block around is dropped by hand, by `select`, as an
/// arm of `alt!` with `cancel_safe`, by another executor or with its scheduler, the scope's tasks **are cancelled only**: each
/// stops at its next parking point, soon after.
///
/// **Dropped while it is parked** it drops the block where that is parked, and cancels the tasks.
///
/// # Errors
///
/// Outside linear code it does not compile, nor does a block from which `s` escapes. A clone of `s` that a task has let
/// escape can be used as long as the scope lasts; a start after that panics.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     let results = chan();
///     let first = scope!(|s| {
///         for n in 1..=3 {
///             go!(group = s, |results| {
///                 put!(results, n * n).ok();
///             });
///         }
///         let task = go!(group = s, { 6 * 7 });
///         task.await
///     });
///     // All of them have ended.
///     assert_eq!((first, results.len()), (42, 3));
///
///     let outcomes = scope!(supervise, |s| {
///         go!(group = s, { 1 });
///         go!(group = s, { if true { panic!("no luck") } 2 });
///     });
///     assert!(outcomes[0].is_ok() && outcomes[1].is_err());
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown((|$scope:ident| $(-> $result:ty)? $block:block), (supervise, |$scope:ident| $block:block)))]
#[macro_export]
macro_rules! scope {
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`scope!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`scope!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`scope!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`scope!` cannot be used in `thread!`, which runs blocking code: use \
             `async_dsl::block_on(async_block!({ scope!(|s| { … }) }))`"
        )
    };
    (@ $park:ident $($code:tt)*) => { $crate::__private::scope_inner!(($crate) ($park) $($code)*) };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`scope!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `scope!` and `async_dsl::scope!`"
        )
    };
}

pub use scope;
