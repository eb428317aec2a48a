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

/// The place of a word and its text: how it begins, and its operands; or all of it. The line and the column in front
/// are those of what cannot tell by itself.
#[doc(hidden)]
#[macro_export]
macro_rules! __spot {
    ([$line:expr, $column:expr] $text:literal) => {
        &$crate::private::Word {
            file: $crate::private::file!(),
            line: $line,
            column: $column,
            text: $text,
        }
    };
    ([$line:expr, $column:expr] $open:literal, $operand:expr $(, $more:expr)*) => {
        &$crate::private::Word {
            file: $crate::private::file!(),
            line: $line,
            column: $column,
            text: ::core::concat!(
                $open,
                ::core::stringify!($operand),
                $(", ", ::core::stringify!($more),)*
                ")"
            ),
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

/// The place of a `take!`. Short, so that the word stays on one line: rustc underlines it as a whole.
#[doc(hidden)]
#[macro_export]
macro_rules! __take {
    ($($operands:expr),+) => { $crate::private::word!("take!(", $($operands),+) };
}

/// The place of a `put!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __put {
    ($($operands:expr),+) => { $crate::private::word!("put!(", $($operands),+) };
}
