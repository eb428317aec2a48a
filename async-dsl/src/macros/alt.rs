//! The words with code of their own inside: `alt!` and `timeout!`.

/// Waits for whichever of several operations is ready first, and does that one only.
///
/// ```text
/// alt! {
///     biased;                                  // optional: ready arms are taken in order
///     job = take!(jobs) => run(job),
///     sent = put!(results, outcome) => { … }   // `outcome` is evaluated only if this arm wins
///     reply = await!(promise) => { … }         // tasks and promises go in by reference
///     line = take!(lines) => { … }             // the next of any stream
///     done = await!(cancel_safe(future)) => …  // a future that loses nothing when it is dropped
///     tick = take!(ticks), if is_running => …  // a condition switches an arm off
///     #[cfg(unix)]
///     signal = take!(signals) => { … }         // `cfg`, and levels of lints: `allow`, `expect`, …
///     sleep!(1s) => break,
///     default => idle(),                       // only if nothing is ready now
/// }
/// ```
///
/// Its value is that of the winning arm's handler. Arms without `pattern =` ignore the result of their
/// operation; patterns are irrefutable, so that no value is lost for not matching. A comma ends a handler
/// that is not a block. Handlers stand in the scope around them: `?`, `break`, `continue` and `return`
/// mean what they say.
///
/// What happens, in order:
///
/// 1. Each arm's condition is evaluated and, if it holds (or there is none), its operand: the channel,
///    promise, task or time.
/// 2. If operations are ready, one of them is chosen, uniformly at random or, after `biased;`, the first.
/// 3. If at some moment none was ready, whatever other threads do meanwhile, `default` is done, if there is one; without
///    one this parks until an operation is ready.
/// 4. The chosen operation happens. **The others did not happen**: no value was taken, none moved, none
///    even evaluated, and they leave nothing waiting behind.
/// 5. The value of a `put!` arm that was chosen is evaluated now, while the channel keeps a place for it;
///    it cannot park. If it panics, the place is given back.
/// 6. The handler runs.
///
/// **Temporaries** of an operand live as long as in a `match`, until the handler is done: `take!(table.borrow()[0])` has
/// the table borrowed while its arm, or any other, is handled. (Not those inside a macro in the operand of an arm with a
/// condition, nor what its `if let` binds to one: bind these before.) Those of a condition, and of the value of a `put!`,
/// are gone before.
///
/// **A `cfg` that is off** takes its arm away, whatever is in it. Of two `default`s one may be there.
///
/// **Dropped while it is parked** it loses nothing.
///
/// # Errors
///
/// It does not compile without an arm, or with a condition on every arm and no `default`, because it could wait for ever,
/// whether so written or left so by its `cfg`s; nor with an operand that cannot lose: start a plain future with
/// [`go!`](crate::go!) and await the task, or, if the future loses nothing when it is dropped, write
/// [`cancel_safe`](crate::alt::cancel_safe) around it. Outside linear code it does not compile either. For a list of
/// operations made at run time there is [`alts`](crate::alt::alts).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let (jobs, stop) = (chan::fixed(1), chan::fixed(1));
/// let worker = go!(|jobs, stop| {
///     let mut done = 0;
///     loop {
///         alt! {
///             job = take!(jobs) => done += job.unwrap_or(0),
///             _ = take!(stop) => break done,
///         }
///     }
/// });
/// async_dsl::block_on(async_block!({
///     put!(jobs, 20).unwrap();
///     put!(jobs, 22).unwrap();
///     while !jobs.is_empty() {
///         yield_now!();
///     }
///     put!(stop, ()).unwrap();
///     assert_eq!(worker.await, 42);
/// }));
/// ```
#[cfg_attr(
    doc,
    ::async_dsl_macros::shown({
        $(biased;)?
        $($(#[$attribute:meta])* $($pattern:pat =)? $operation:expr $(, if $condition:expr)? => $handler:expr),+
        $(, default => $otherwise:expr)? $(,)?
    })
)]
#[macro_export]
macro_rules! alt {
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`alt!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`alt!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`alt!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`alt!` cannot be used in `thread!`, which runs blocking code: use \
             `async_dsl::block_on(async_block!({ alt! { … } }))`"
        )
    };
    (@ $park:ident $($arms:tt)*) => { $crate::__private::alt_inner!(($crate) ($park) $($arms)*) };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`alt!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `alt!` and `async_dsl::alt!`"
        )
    };
}

/// Runs a block of linear code, and cancels it if its time is over before it is done.
///
/// `timeout!(1s, { … })` returns a `Result<T, Elapsed>`, with the value of the block in `Ok`. It takes the head
/// of every opener: `timeout!(1s, |a, b| -> io::Result<()> { … })`. The block borrows what it only uses;
/// its `?` and `return` leave the block.
///
/// The block is cancelled where it is parked. It is dropped there, with what it holds; what it has done is
/// done. It parks until the block is done or the time is over.
///
/// **Dropped while it is parked** it drops the block as if the time were over.
///
/// # Errors
///
/// [`Elapsed`](crate::time::Elapsed) when the time is over first. Outside linear code it does not compile.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     let numbers = chan::<u32>();
///     let mut seen = 0;
///     let result = timeout!(10ms, {
///         seen += 1;
///         take!(numbers)
///     });
///     assert!(result.is_err());
///     assert_eq!(seen, 1);
///     assert_eq!(timeout!(1h, { 42 }), Ok(42));
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($time:expr, $block:expr), ($time:expr, |$($captured:ident),*| $(-> $result:ty)? $block:block)))]
#[macro_export]
macro_rules! timeout {
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`timeout!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`timeout!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`timeout!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`timeout!` cannot be used in `thread!`, which runs blocking code: use \
             `async_dsl::block_on(async_block!({ timeout!(1s, { … }) }))`"
        )
    };
    (@ $park:ident $($code:tt)*) => { $crate::__private::timeout_inner!(($crate) ($park) $($code)*) };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`timeout!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `timeout!` and `async_dsl::timeout!`"
        )
    };
}

pub use {alt, timeout};
