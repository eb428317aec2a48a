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
/// as it is. [`try_join!`](crate::try_join!) ends with the first error, [`race!`](crate::race!) with the first output.
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

/// Awaits several futures of a `Result` side by side, until all have given their values or one has failed.
///
/// | form | returns |
/// | --- | --- |
/// | `try_join!(a, b, c)` | `Result<(A, B, C), E>`; of one to twelve futures of any values and one type of error |
/// | `try_join!(each tasks)` | `Result<Vec<T>, E>`, in the order of `tasks`; an empty list is done at once |
///
/// It **parks** until all of them are done, or one returns an `Err`: that is returned at once. It is tokio's `try_join!` and Go's
/// `errgroup`.
///
/// The first error drops the other futures where they are parked, and the values that are there. **A task among them is
/// cancelled**: one that is given by value, or its [`outcome()`](crate::task::Task::outcome), as it is or in the list, stops at its
/// next parking point; what it had in hand is dropped. That is not awaited: a [`scope!`](crate::scope!) waits for its tasks.
/// Tasks that are to go on are given by reference (`&mut task`), or joined with [`join!`](crate::join!). So is a task that is
/// given by the name of a type parameter, which could be any future.
///
/// **Dropped while it is parked** it does the same: it drops what it awaits, and cancels the tasks.
///
/// # Panics
///
/// With the panic of what it awaits, that of a task too. The others are dropped or cancelled then.
///
/// # Errors
///
/// The first `Err` among the outputs. Of several that come at the same time it is any.
///
/// Futures with errors of several types do not compile: give them one, `async { b.await.map_err(Into::into) }`.
/// Outside linear code it does not compile.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[linear]
/// async fn half(n: u32) -> Result<u32, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// async_dsl::block_on(async_block!({
///     assert_eq!(try_join!(half(2), half(4)), Ok((1, 2)));
///     let forever = go!({
///         sleep!(1h);
///         half(8).await
///     });
///     // The task is cancelled.
///     assert_eq!(try_join!(forever, half(5)), Err("5 is odd".to_owned()));
///     assert_eq!(try_join!(each (0..3).map(|n| half(2 * n))), Ok(vec![0, 1, 2]));
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($($future:expr),+), (each $futures:expr)))]
#[macro_export]
macro_rules! try_join {
    (@park each $list:expr $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            $crate::__private::TriesEach::operand($list).each(),
            $crate::__private::spot!(
                [::core::line!(), ::core::column!()] $($text)? try_join!(each $list)
            ),
        )
        .try_each()
        .await
    };
    (@park
        $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr, $g:expr, $h:expr, $i:expr, $j:expr,
        $k:expr, $l:expr, $($more:expr),+ $(,)? $(; @$text:tt)?
    ) => {
        ::core::compile_error!(
            "`try_join!` takes up to twelve: for more, or a number known at run time, write \
             `try_join!(each tasks)`"
        )
    };
    (@park $($future:expr),+ $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            ($($crate::__private::TriesOne::operand($future).one(),)+),
            $crate::__private::spot!(
                [::core::line!(), ::core::column!()] $($text)? try_join!($($future),+)
            ),
        )
        .try_all()
        .await
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`try_join!` takes what it awaits: `try_join!(a, b)` or `try_join!(each tasks)`; \
             another crate's `try_join!` is called by its path"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`try_join!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`try_join!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`try_join!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`try_join!` cannot be used in `thread!`, which runs blocking code: use \
             `async_dsl::block_on(async_block!({ try_join!(a, b) }))`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`try_join!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `try_join!` and `async_dsl::try_join!`"
        )
    };
}

/// Awaits several futures, and returns the output of the one that is done first.
///
/// | form | returns |
/// | --- | --- |
/// | `race!(a, b)` | the output of the first; of one to twelve futures with outputs of one type |
/// | `race!(each futures)` | the same of a list |
///
/// It **parks** until one of them is done; of several that are, it is any of them, drawn at random. It is Go's `select`
/// of what goroutines send, and tokio's `select!` whose branches do the same. The futures may borrow.
///
/// **The losers are dropped** where they are parked, before `race!` returns. That can lose what they have done by then: a line
/// that was half read, a value that was taken from a channel and waits to be put into the next. What [`alt!`](crate::alt!) waits
/// for loses nothing: use it where the race is between operations, such as takes, puts and sleeps, or between what may be
/// repeated. A task that loses runs on without its handle, as one whose handle is dropped, and a promise stays as it is.
///
/// **Dropped while it is parked** it drops all of them.
///
/// # Panics
///
/// With the panic of the one that panics before another is done. `race!(each …)` panics if the list is empty, because that
/// would park for ever.
///
/// # Errors
///
/// Outside linear code it does not compile.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[linear]
/// async fn fetch(from: &str, slowness: u32) -> String {
///     sleep!(slowness * 10ms);
///     format!("from {from}")
/// }
///
/// async_dsl::block_on(async_block!({
///     let mirrors = ["oslo", "lima"].map(String::from);
///     let first = race!(fetch(&mirrors[0], 1), fetch(&mirrors[1], 9));
///     assert_eq!(first, "from oslo");
///     let first = race!(each mirrors.iter().enumerate().map(|(n, name)| fetch(name, 2 - n as u32)));
///     assert_eq!(first, "from lima");
/// }));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($($future:expr),+), (each $futures:expr)))]
#[macro_export]
macro_rules! race {
    (@park each $list:expr $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            $crate::__private::RacesEach::operand($list),
            $crate::__private::spot!(
                [::core::line!(), ::core::column!()] $($text)? race!(each $list)
            ),
        )
        .first_of_each()
        .await
    };
    (@park
        $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr, $g:expr, $h:expr, $i:expr, $j:expr,
        $k:expr, $l:expr, $($more:expr),+ $(,)? $(; @$text:tt)?
    ) => {
        ::core::compile_error!(
            "`race!` takes up to twelve: for more, or a number known at run time, write \
             `race!(each futures)`"
        )
    };
    (@park $($future:expr),+ $(,)? $(; @$text:tt)?) => {
        $crate::__private::awaiting(
            ($($crate::__private::RacesOne::operand($future),)+),
            $crate::__private::spot!(
                [::core::line!(), ::core::column!()] $($text)? race!($($future),+)
            ),
        )
        .first()
        .await
    };
    (@park $($wrong:tt)*) => {
        ::core::compile_error!(
            "`race!` takes what it awaits: `race!(a, b)` or `race!(each futures)`; \
             another crate's `race!` is called by its path"
        )
    };
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`race!` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`race!` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`race!` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`race!` cannot be used in `thread!`, which runs blocking code: use \
             `async_dsl::block_on(async_block!({ race!(a, b) }))`"
        )
    };
    ($($code:tt)*) => {
        ::core::compile_error!(
            "`race!` can only be used in linear code: put it inside `go!({ … })` or \
             `async_block!({ … })`, or write `#[linear]` on the `async fn`; \
             there it is known as `race!` and `async_dsl::race!`"
        )
    };
}

pub use {join, race, try_join};
