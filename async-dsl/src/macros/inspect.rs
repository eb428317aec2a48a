//! What makes a program visible: `dump!`, and the place of a word.

/// Writes what the program is doing to standard error: every task, channel and agent, as
/// [`inspect::snapshot`](crate::inspect::snapshot) sees them.
///
/// It works anywhere, inside tasks and outside, and stops no task. It returns `()`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let orders = chan::fixed::<u32>(1).named("orders");
/// async_dsl::dump!();
/// # drop(orders);
/// ```
#[macro_export]
macro_rules! dump {
    () => {
        $crate::inspect::dump()
    };
}

/// The place of a word: the line and the column, and its text. Of a word without one it is made of its code, here or as it
/// was written.
#[doc(hidden)]
#[macro_export]
macro_rules! __spot {
    ([$line:expr, $column:expr] $text:literal $($word:tt)*) => {
        &$crate::private::Word {
            file: $crate::private::file!(),
            line: $line,
            column: $column,
            text: $text,
        }
    };
    ([$line:expr, $column:expr] ($($written:tt)*) $($word:tt)*) => {
        $crate::private::spot!([$line, $column] $($written)*)
    };
    ([$line:expr, $column:expr] $($word:tt)*) => {
        &$crate::private::Word {
            file: $crate::private::file!(),
            line: $line,
            column: $column,
            text: $crate::private::text_inner!($($word)*),
        }
    };
}

/// The file. Cargo compiles again when the variable changes, by which expansions are asked for, because it is looked at.
#[doc(hidden)]
#[macro_export]
macro_rules! __file {
    () => {{
        const _: ::core::option::Option<&str> = ::core::option_env!("ASYNC_DSL_EXPAND");
        ::core::file!()
    }};
}

/// The place of an operation that stands in a word.
#[doc(hidden)]
#[macro_export]
macro_rules! __word {
    ($($word:tt)*) => {
        $crate::private::At::Word($crate::private::spot!(
            [::core::line!(), ::core::column!()] $($word)*
        ))
    };
}
