//! What a word's operands have to be. Each word has a trait of its own, so that rustc names the word, and underlines the
//! operand, where something else is given. A time is a [`Duration`] and nothing else, so that its type need not be said.

use std::time::Duration;

/// What `take!` takes as its time.
#[diagnostic::on_unimplemented(
    message = "the time of `take!` is a `Duration`, not `{Self}`",
    label = "not a `Duration`: write `100ms`, for example"
)]
pub trait TakeTime {
    fn time(self) -> Duration;
}

#[diagnostic::do_not_recommend]
impl TakeTime for Duration {
    fn time(self) -> Duration {
        self
    }
}

/// What `put!` takes as its time.
#[diagnostic::on_unimplemented(
    message = "the time of `put!` is a `Duration`, not `{Self}`",
    label = "not a `Duration`: write `100ms`, for example"
)]
pub trait PutTime {
    fn time(self) -> Duration;
}

#[diagnostic::do_not_recommend]
impl PutTime for Duration {
    fn time(self) -> Duration {
        self
    }
}

/// What `sleep!` takes as its time.
#[diagnostic::on_unimplemented(
    message = "the time of `sleep!` is a `Duration`, not `{Self}`",
    label = "not a `Duration`: write `100ms`, for example"
)]
pub trait SleepTime {
    fn time(self) -> Duration;
}

#[diagnostic::do_not_recommend]
impl SleepTime for Duration {
    fn time(self) -> Duration {
        self
    }
}

/// What `timeout!` takes as its time.
#[diagnostic::on_unimplemented(
    message = "the time of `timeout!` is a `Duration`, not `{Self}`",
    label = "not a `Duration`: write `100ms`, for example"
)]
pub trait TimeoutTime {
    fn time(self) -> Duration;
}

#[diagnostic::do_not_recommend]
impl TimeoutTime for Duration {
    fn time(self) -> Duration {
        self
    }
}
