//! The simple words: one call each.

/// Takes the next value from a channel, parking until there is one.
///
/// | form | gives |
/// | --- | --- |
/// | `take!(channel)` | `Option<T>`: `None` once the channel is closed and empty |
/// | `take!(channel, 100ms, default)` | `Option<T>`: `Some(default)` when the time is over |
///
/// Takers of a channel are served first come, first served. `default` is evaluated only when the time
/// is over.
///
/// **Dropped while it is parked** (its task is cancelled, or its `timeout!` is over) it loses nothing: the
/// value goes to the next taker.
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
#[cfg(doc)]
#[macro_export]
macro_rules! take {
    ($channel:expr) => { ... };
    ($channel:expr, $time:expr, $default:expr) => { ... };
}

#[cfg(not(doc))]
#[doc(hidden)]
#[macro_export]
macro_rules! take {
    (@park $channel:expr $(,)?) => {
        $crate::private::take(&$channel).await
    };
    (@park $channel:expr, $time:expr, $default:expr $(,)?) => {
        match $crate::private::take_for(&$channel, $time).await {
            ::core::result::Result::Ok(got) => got,
            ::core::result::Result::Err(_) => ::core::option::Option::Some($default),
        }
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`take!` takes a channel, or a channel, a time and a default: `take!(channel)` or \
             `take!(channel, 100ms, default)`"
        )
    };
    (@closure $($code:tt)*) => { $crate::__misplaced!(closure "take!") };
    (@item $($code:tt)*) => { $crate::__misplaced!(item "take!") };
    (@value $($code:tt)*) => { $crate::__misplaced!(value "take!") };
    (@thread $($code:tt)*) => { $crate::__misplaced!(thread "take!", "`channel.take_blocking()`") };
    ($($code:tt)*) => { $crate::__misplaced!(outside "take!") };
}

/// Puts a value into a channel, parking until there is room for it.
///
/// | form | gives |
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
#[cfg(doc)]
#[macro_export]
macro_rules! put {
    ($channel:expr, $value:expr) => { ... };
    ($channel:expr, $value:expr, $time:expr) => { ... };
}

#[cfg(not(doc))]
#[doc(hidden)]
#[macro_export]
macro_rules! put {
    (@park $channel:expr, $value:expr $(,)?) => {
        match &$channel {
            channel => {
                let value = $crate::private::put_value(channel, $value);
                $crate::private::put(channel, value).await
            }
        }
    };
    (@park $channel:expr, $value:expr, $time:expr $(,)?) => {
        match &$channel {
            channel => {
                let value = $crate::private::put_value(channel, $value);
                $crate::private::put_for(channel, value, $time).await
            }
        }
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`put!` takes a channel and a value, and perhaps a time: `put!(channel, value)` or \
             `put!(channel, value, 100ms)`"
        )
    };
    (@closure $($code:tt)*) => { $crate::__misplaced!(closure "put!") };
    (@item $($code:tt)*) => { $crate::__misplaced!(item "put!") };
    (@value $($code:tt)*) => { $crate::__misplaced!(value "put!") };
    (@thread $($code:tt)*) => { $crate::__misplaced!(thread "put!", "`channel.put_blocking(value)`") };
    ($($code:tt)*) => { $crate::__misplaced!(outside "put!") };
}

/// `await!`: awaits a task, a promise or any other future. Write it `await!`; the name here has to differ.
///
/// | form | gives |
/// | --- | --- |
/// | `await!(x)` | the output of `x`, as `x.await` does |
/// | `await!(a, b, c)` | the tuple of their outputs; up to twelve, side by side |
/// | `await!(each tasks)` | a `Vec` of the outputs, in the order of `tasks`, side by side |
///
/// `await` is a keyword, so the macro works only where an opener sees it first: inside `go!`,
/// `async_block!` and the like, not in a function with an attribute, where `.await` does the same. rustfmt
/// leaves the call as it is written.
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
///     let (one, two) = await!(one, two);
///     let rest: Vec<i32> = await!(each (3..=4).map(|number| go!({ number })));
///     one + two + rest.iter().sum::<i32>()
/// }));
/// assert_eq!(sum, 10);
/// ```
#[cfg(doc)]
#[macro_export]
macro_rules! await_ {
    ($future:expr) => { ... };
    ($($future:expr),+) => { ... };
    (each $futures:expr) => { ... };
}

#[cfg(not(doc))]
#[doc(hidden)]
#[macro_export]
macro_rules! await_ {
    (@park each $tasks:expr $(,)?) => {
        $crate::private::join_each($tasks).await
    };
    (@park $future:expr $(,)?) => {
        ::core::future::IntoFuture::into_future($future).await
    };
    (@park $($future:expr),+ $(,)?) => {
        $crate::private::join(($($future,)+)).await
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`await!` takes what it awaits: `await!(task)`, `await!(a, b)` or `await!(each tasks)`"
        )
    };
    (@closure $($code:tt)*) => { $crate::__misplaced!(closure "await!") };
    (@item $($code:tt)*) => { $crate::__misplaced!(item "await!") };
    (@value $($code:tt)*) => { $crate::__misplaced!(value "await!") };
    (@thread $($code:tt)*) => {
        $crate::__misplaced!(thread "await!", "`promise.wait_blocking()` or `async_dsl::block_on(future)`")
    };
    ($($code:tt)*) => { $crate::__misplaced!(outside "await!") };
}

/// Parks until a time is over. Gives `()`.
///
/// The time is a [`Duration`](std::time::Duration); in linear code `250us`, `100ms`, `1.5s`, `5min` and `1h`
/// are durations. Time is the scheduler's: a task that sleeps occupies no thread.
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
#[cfg(doc)]
#[macro_export]
macro_rules! sleep {
    ($time:expr) => { ... };
}

#[cfg(not(doc))]
#[doc(hidden)]
#[macro_export]
macro_rules! sleep {
    (@park $time:expr $(,)?) => {
        $crate::private::sleep($time).await
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!("`sleep!` takes a time: `sleep!(100ms)`")
    };
    (@closure $($code:tt)*) => { $crate::__misplaced!(closure "sleep!") };
    (@item $($code:tt)*) => { $crate::__misplaced!(item "sleep!") };
    (@value $($code:tt)*) => { $crate::__misplaced!(value "sleep!") };
    (@thread $($code:tt)*) => { $crate::__misplaced!(thread "sleep!", "`std::thread::sleep(duration)`") };
    ($($code:tt)*) => { $crate::__misplaced!(outside "sleep!") };
}

/// Parks until every other task that is ready had a turn. Gives `()`.
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
#[cfg(doc)]
#[macro_export]
macro_rules! yield_now {
    () => { ... };
}

#[cfg(not(doc))]
#[doc(hidden)]
#[macro_export]
macro_rules! yield_now {
    (@park) => {
        $crate::private::yield_now().await
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!("`yield_now!` takes nothing: `yield_now!()`")
    };
    (@closure $($code:tt)*) => { $crate::__misplaced!(closure "yield_now!") };
    (@item $($code:tt)*) => { $crate::__misplaced!(item "yield_now!") };
    (@value $($code:tt)*) => { $crate::__misplaced!(value "yield_now!") };
    (@thread $($code:tt)*) => { $crate::__misplaced!(thread "yield_now!", "`std::thread::yield_now()`") };
    ($($code:tt)*) => { $crate::__misplaced!(outside "yield_now!") };
}
