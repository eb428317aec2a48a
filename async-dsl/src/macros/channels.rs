//! The words for channels.

/// Takes the next value from a channel or a stream, parking until there is one.
///
/// | form | returns |
/// | --- | --- |
/// | `take!(channel)` | `Option<T>`: `None` once the channel is closed and empty |
/// | `take!(channel, 100ms, default)` | `Option<T>`: `Some(default)` when the time is over |
/// | `take!(stream)`, `take!(stream, 100ms, default)` | the same of any `Stream + Unpin`, a variable that is `mut` or a `&mut` to one: `None` once it has ended |
///
/// Takers of a channel are served first come, first served. `default` is evaluated only when the time
/// is over.
///
/// **Dropped while it is parked** (its task is cancelled, or its `timeout!` is over) it loses nothing: the
/// value goes to the next taker. A stream keeps what it has until it returns it, so a take that is dropped leaves it where
/// it was. As an arm of [`alt!`](crate::alt!) it loses as little.
///
/// A stream that is not `Unpin` is pinned first: `let mut stream = std::pin::pin!(stream);`. What is both a channel and a stream,
/// such as a [`Taker`](crate::chan::Taker), is taken from as a channel. core.async has nothing like it; it is the `next().await` of
/// `StreamExt`.
///
/// # Errors
///
/// Outside linear code it does not compile; there use
/// [`Chan::take_blocking`](crate::chan::Chan::take_blocking) or [`Chan::take`](crate::chan::Chan::take).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     let numbers = chan::fixed(2);
///     put!(numbers, 1).unwrap();
///     assert_eq!(take!(numbers), Some(1));
///     assert_eq!(take!(numbers, 10ms, 0), Some(0));
///     numbers.close();
///     assert_eq!(take!(numbers), None);
/// }));
/// ```
///
/// A stream made of a channel:
///
/// ```
/// use async_dsl::prelude::*;
/// use futures_lite::StreamExt;
///
/// async_dsl::block_on(async_block!({
///     let (putter, taker) = chan::fixed(2).split();
///     let mut squares = taker.map(|n: u32| n * n);
///     put!(putter, 3).unwrap();
///     alt! {
///         n = take!(squares) => assert_eq!(n, Some(9)),
///         sleep!(1s) => unreachable!("there is one"),
///     }
///     drop(putter);
///     assert_eq!(take!(squares), None);
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($channel:expr), ($channel:expr, $time:expr, $default:expr)))]
#[macro_export]
macro_rules! take {
    (@park $channel:expr $(,)? $(; @$text:tt)?) => {
        $channel.async_dsl_take($crate::__word!($($text)? take!($channel))).await
    };
    (@park $channel:expr, $time:expr, $default:expr $(,)? $(; @$text:tt)?) => {
        match $channel
            .async_dsl_take_for(
                $crate::__private::TakeTime::time($time),
                $crate::__word!($($text)? take!($channel, $time, $default)),
            )
            .await
        {
            ::core::result::Result::Ok(__got) => __got,
            ::core::result::Result::Err(__late) => __late.or({ $default }),
        }
    };
    (@park $($operand:expr),+ $(,)? $(; @$text:tt)?) => {{
        $(let _ = &$operand;)+
        ::core::compile_error!(
            "`take!` takes a channel or a stream, and perhaps a time and a default: `take!(channel)` or \
             `take!(channel, 100ms, default)`; \
             another crate's `take!` is called by its path"
        )
    }};
    // Its end is missing, so that what follows is in it.
    (@park $operand:ident $($rest:tt)*) => {{
        let _ = &$operand;
        ::core::compile_error!(
            "`take!` takes a channel or a stream, and perhaps a time and a default: `take!(channel)` or \
             `take!(channel, 100ms, default)`; \
             another crate's `take!` is called by its path"
        )
    }};
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`take!` takes a channel or a stream, and perhaps a time and a default: `take!(channel)` or \
             `take!(channel, 100ms, default)`; \
             another crate's `take!` is called by its path"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`take!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`take!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`take!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`take!` cannot be used in `thread!`, which runs blocking code: use \
             `channel.take_blocking()`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`take!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `take!` and `async_dsl::take!`"
        )
    };
}

/// Puts a value into a channel, parking until there is room for it.
///
/// | form | returns |
/// | --- | --- |
/// | `put!(channel, value)` | `Result<(), Closed<T>>` |
/// | `put!(channel, value, 100ms)` | `Result<(), PutError<T>>` |
///
/// Putters of a channel are served first come, first served. The value is evaluated before anything
/// parks.
///
/// **Dropped while it is parked** it takes its value with it, and the channel never sees that value; the
/// form with a time gives the value back instead.
///
/// # Errors
///
/// The value comes back: inside [`Closed`](crate::chan::Closed) if the channel is closed, now or while this
/// is parked, and inside [`PutError::Elapsed`](crate::chan::PutError::Elapsed) when the time is over.
///
/// Outside linear code it does not compile; there use
/// [`Chan::put_blocking`](crate::chan::Chan::put_blocking) or [`Chan::put`](crate::chan::Chan::put).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     let numbers = chan::fixed(1);
///     assert!(put!(numbers, 1).is_ok());
///     assert!(matches!(put!(numbers, 2, 10ms), Err(PutError::Elapsed(2))));
///     numbers.close();
///     assert!(put!(numbers, 3).is_err());
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($channel:expr, $value:expr), ($channel:expr, $value:expr, $time:expr)))]
#[macro_export]
macro_rules! put {
    (@park $channel:expr, $value:expr $(,)? $(; @$text:tt)?) => {
        ($channel.async_dsl_put({ $value }, $crate::__word!($($text)? put!($channel, $value)))).await
    };
    (@park $channel:expr, $value:expr, $time:expr $(,)? $(; @$text:tt)?) => {
        $channel
            .async_dsl_put_for(
                { $value },
                $crate::__private::PutTime::time($time),
                $crate::__word!($($text)? put!($channel, $value, $time)),
            )
            .await
    };
    (@park $($operand:expr),+ $(,)? $(; @$text:tt)?) => {{
        $(let _ = &$operand;)+
        ::core::compile_error!(
            "`put!` takes a channel and a value, and perhaps a time: `put!(channel, value)` or \
             `put!(channel, value, 100ms)`; \
             another crate's `put!` is called by its path"
        )
    }};
    // Its end is missing, so that what follows is in it.
    (@park $operand:ident $($rest:tt)*) => {{
        let _ = &$operand;
        ::core::compile_error!(
            "`put!` takes a channel and a value, and perhaps a time: `put!(channel, value)` or \
             `put!(channel, value, 100ms)`; \
             another crate's `put!` is called by its path"
        )
    }};
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`put!` takes a channel and a value, and perhaps a time: `put!(channel, value)` or \
             `put!(channel, value, 100ms)`; \
             another crate's `put!` is called by its path"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`put!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`put!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`put!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`put!` cannot be used in `thread!`, which runs blocking code: use \
             `channel.put_blocking(value)`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`put!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `put!` and `async_dsl::put!`"
        )
    };
}

pub use {put, take};
