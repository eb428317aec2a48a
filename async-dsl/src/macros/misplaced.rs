//! What a word says where it cannot park.

/// The one error of a misplaced word, with the way out in it.
#[doc(hidden)]
#[macro_export]
macro_rules! __misplaced {
    (outside $word:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $word,
            "` can only be used in linear code: put it inside `go!({ … })` or `async_block!({ … })`, \
             or write `#[linear]` on the `async fn`"
        ))
    };
    (closure $word:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $word,
            "` cannot park inside a plain closure: use it before the closure, or make that an async \
             closure, `async |x| { … }`"
        ))
    };
    (item $word:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $word,
            "` cannot park inside a nested item: make that an `async fn` with `#[linear]`, and await it"
        ))
    };
    (value $word:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $word,
            "` cannot park in the value of a `put!` arm, because the channel keeps a place for the value \
             meanwhile: make the value before the `alt!`"
        ))
    };
    (thread $word:literal, $repair:literal) => {
        ::core::compile_error!(::core::concat!(
            "`",
            $word,
            "` cannot be used in `thread!`, which runs blocking code: use ",
            $repair
        ))
    };
}
