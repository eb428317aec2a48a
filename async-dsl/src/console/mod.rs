//! A console into the running program.

mod answer;
mod evaluator;
mod exports;
mod limits;
mod output;
mod session;
mod value;
mod wait;

pub use answer::Answer;
pub use exports::{Export, Exports};
pub use limits::Limits;
pub use session::Session;
pub use value::{FromValue, Room, ToValue, TooLarge, Value};
