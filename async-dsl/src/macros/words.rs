//! The words for anything that takes time.

/// `await!`: awaits a task, a promise or any other future. Write it `await!`; the name here has to differ. Of several,
/// [`join!`](crate::join!) is the name that works everywhere.
///
/// | form | returns |
/// | --- | --- |
/// | `await!(x)` | the output of `x`, as `x.await` does |
/// | `await!(a, b, c)` | what `join!(a, b, c)` returns, the tuple of their outputs |
/// | `await!(each tasks)` | what `join!(each tasks)` returns, a `Vec` of the outputs |
///
/// `await` is a keyword, so the macro works only where an opener sees it first: inside `go!`,
/// `async_block!` and the like, not in a function with an attribute, where `.await` does the same. rustfmt
/// leaves a `go!({ … })` that holds one as it is written.
///
/// **Dropped while it is parked** it drops what it awaits: a task runs on, a promise stays as it is.
///
/// # Panics
///
/// If a task it awaits panicked, with that task's panic.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let sum = async_dsl::block_on(async_block!({
///     let (one, two) = (go!({ 1 }), go!({ 2 }));
///     await!(one) + await!(two)
/// }));
/// assert_eq!(sum, 3);
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($future:expr), ($($future:expr),+), (each $futures:expr)))]
#[macro_export]
macro_rules! await_ {
    (@park $here:tt each $tasks:expr $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            $crate::__private::AwaitsEach::operand($tasks),
            $crate::__private::spot!($here $($text)? await!(each $tasks)),
        )
        .each()
        .await
    };
    (@park $here:tt $future:expr $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            $crate::__private::AwaitsOne::operand($future),
            $crate::__private::spot!($here $($text)? await!($future)),
        )
        .one()
        .await
    };
    (@park
        $here:tt $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr, $g:expr, $h:expr, $i:expr,
        $j:expr, $k:expr, $l:expr, $($more:expr),+ $(,)? $(; @$text:tt)?
    ) => {
        ::core::compile_error!(
            "`await!` takes up to twelve: for more, or a number known at run time, write \
             `await!(each tasks)`"
        )
    };
    (@park $here:tt $($future:expr),+ $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            ($($crate::__private::AwaitsOne::operand($future),)+),
            $crate::__private::spot!($here $($text)? await!($($future),+)),
        )
        .all()
        .await
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`await!` takes what it awaits: `await!(task)`, `await!(a, b)` or `await!(each tasks)`"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`await!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`await!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`await!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`await!` cannot be used in `thread!`, which runs blocking code: use \
             `promise.wait_blocking()` or `async_dsl::block_on(future)`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`await!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`"
        )
    };
}

/// Parks until a time is over. Returns `()`.
///
/// The time is a [`Duration`](std::time::Duration); in linear code `250us`, `100ms`, `1.5s`, `5min` and `1h`
/// are durations (in the arguments of other macros [not always](crate::go!#macros-of-others)). Time is the scheduler's: a
/// task that sleeps occupies no thread. It never ends early, and by the real clock up to a millisecond late;
/// [`precise(250us).await`](crate::time::precise) is exact.
///
/// **Dropped while it is parked** it loses nothing.
///
/// # Errors
///
/// Outside linear code it does not compile; there use `std::thread::sleep`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     let before = async_dsl::time::now();
///     sleep!(10ms);
///     assert!(before.elapsed() >= 10ms);
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($time:expr)))]
#[macro_export]
macro_rules! sleep {
    (@park $time:expr $(,)? $(; @$text:tt)?) => {
        $crate::__private::sleep(
            $crate::__private::SleepTime::time($time),
            $crate::__word!($($text)? sleep!($time)),
        )
        .await
    };
    (@park $($operand:expr),+ $(,)? $(; @$text:tt)?) => {{
        $(let _ = &$operand;)+
        ::core::compile_error!(
            "`sleep!` takes a time: `sleep!(100ms)`; \
             another crate's `sleep!` is called by its path"
        )
    }};
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`sleep!` takes a time: `sleep!(100ms)`; \
             another crate's `sleep!` is called by its path"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`sleep!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`sleep!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`sleep!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`sleep!` cannot be used in `thread!`, which runs blocking code: use \
             `std::thread::sleep(duration)`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`sleep!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `sleep!` and `async_dsl::sleep!`"
        )
    };
}

/// Parks until every other task that is ready had a turn. Returns `()`.
///
/// A task that computes for long without parking keeps its thread; this lets others run meanwhile.
///
/// **Dropped while it is parked** it loses nothing.
///
/// # Errors
///
/// Outside linear code it does not compile; there use `std::thread::yield_now`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     for _ in 0..3 {
///         yield_now!();
///     }
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(()))]
#[macro_export]
macro_rules! yield_now {
    (@park) => {
        $crate::__private::yield_now().await
    };
    (@park $($operand:expr),+ $(,)?) => {{
        $(let _ = &$operand;)+
        ::core::compile_error!(
            "`yield_now!` takes nothing: `yield_now!()`; \
             another crate's `yield_now!` is called by its path"
        )
    }};
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`yield_now!` takes nothing: `yield_now!()`; \
             another crate's `yield_now!` is called by its path"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`yield_now!` cannot park inside a plain closure: use it before the closure, or \
             make that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`yield_now!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`yield_now!` cannot park in the value of a `put!` arm, because the channel keeps \
             a place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`yield_now!` cannot be used in `thread!`, which runs blocking code: use \
             `std::thread::yield_now()`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`yield_now!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `yield_now!` and `async_dsl::yield_now!`"
        )
    };
}

pub use {sleep, yield_now};
