//! The words and openers, with their documentation.
//!
//! A word has one arm a place: the opener around it has marked it with `@park`, `@closure`, `@item`,
//! `@thread` or `@value` (the value of a `put!` arm); without a marker it stands outside linear code.
//! Behind the operands of a word that parks is its text, if that is not to be made of the operands: `; @"take!(c, 1s, 0)"`, or,
//! with something still to be put in, `; @(take!($c, 1s, 0))`. Not before them: an editor takes code that it completes for
//! the same up to the cursor.
//! What rustdoc shows instead are the forms that a program writes. Attributes are documented where they are defined, because
//! that is what an editor shows.

mod alt;
mod channels;
mod inspect;
mod main;
mod openers;
mod scope;
mod several;
mod words;

pub use alt::{alt, timeout};
pub use async_dsl_macros::{linear, main, test};
pub use channels::{put, take};
pub use openers::{async_block, expand, go, send, thread, update};
pub use scope::scope;
pub use several::{join, race, try_join};
pub use words::{sleep, yield_now};
