//! The words for several futures at once.

/// Awaits several futures side by side, and returns all their outputs.
///
/// | form | returns |
/// | --- | --- |
/// | `join!(a, b, c)` | the tuple of the outputs; of one to twelve tasks, promises or other futures of any types |
/// | `join!(each tasks)` | a `Vec` of the outputs, in the order of `tasks`; an empty list is done at once |
///
/// It **parks** until all of them are done. It is tokio's `join!`, and futures' `join_all`. `await!(a, b)` is the same under a
/// name that works inside other macros only.
///
/// **Dropped while it is parked** it drops what it awaits, and the outputs that are there: a task runs on, a promise stays
/// as it is.
///
/// # Panics
///
/// With the panic of what it awaits, that of a task too. The others are dropped then.
///
/// # Errors
///
/// Outside linear code it does not compile; there use [`task::join`](crate::task::join) or
/// [`task::join_each`](crate::task::join_each).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[async_dsl::main]
/// async fn main() {
///     let (one, two) = join!(go!({ 1 }), go!({ "two" }));
///     assert_eq!((one, two), (1, "two"));
///     let squares = join!(each (1..=3).map(|n| go!({ n * n })));
///     assert_eq!(squares, [1, 4, 9]);
/// }
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($($future:expr),+), (each $futures:expr)))]
#[macro_export]
macro_rules! join {
    (@park each $list:expr $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            $crate::__private::JoinsEach::operand($list),
            $crate::__private::spot!(
                [::core::line!(), ::core::column!()] $($text)? join!(each $list)
            ),
        )
        .each()
        .await
    };
    (@park
        $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr, $g:expr, $h:expr, $i:expr, $j:expr,
        $k:expr, $l:expr, $($more:expr),+ $(,)? $(; @$text:tt)?
    ) => {
        ::core::compile_error!(
            "`join!` takes up to twelve: for more, or a number known at run time, write \
             `join!(each tasks)`"
        )
    };
    (@park $($future:expr),+ $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            ($($crate::__private::JoinsOne::operand($future),)+),
            $crate::__private::spot!(
                [::core::line!(), ::core::column!()] $($text)? join!($($future),+)
            ),
        )
        .all()
        .await
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`join!` takes what it awaits: `join!(a, b)` or `join!(each tasks)`; \
             another crate's `join!` is called by its path"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`join!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`join!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`join!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`join!` cannot be used in `thread!`, which runs blocking code: use \
             `async_dsl::block_on(async_dsl::task::join((a, b)))`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`join!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `join!` and `async_dsl::join!`"
        )
    };
}

pub use join;
