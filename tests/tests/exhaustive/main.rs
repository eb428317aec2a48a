//! Every schedule: how many there are, each number with what it follows from; what is found; and what is shown of it.
//!
//! That none is lost is the business of `random` and `table`.

mod counts;
mod found;
mod random;
