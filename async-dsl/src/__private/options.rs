//! The options of `go!`.

use std::borrow::Cow;
use std::panic::Location;

use crate::group::token::CancelToken;
use crate::group::{Group, Scope, Start, StartInScope, held};
use crate::runtime::id::Name;
use crate::runtime::spawn as start;
use crate::runtime::task::Task;

/// The options of a task, but for its group.
#[derive(Debug, Default)]
pub struct Options {
    name: Option<Name>,
    token: Option<CancelToken>,
}

impl Options {
    #[must_use]
    pub const fn new() -> Self {
        Self {
            name: None,
            token: None,
        }
    }

    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    #[must_use]
    pub fn token(mut self, token: &CancelToken) -> Self {
        self.token = Some(token.clone());
        self
    }
}

/// `go!` of a task with a token.
#[track_caller]
pub fn spawn_with<F>(options: Options, future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let at = Location::caller();
    let Options { name, token } = options;
    match (name, token) {
        (name, Some(token)) => held::spawn(token, name, future, at),
        (Some(name), None) => start::spawn_named(name, future, at),
        (None, None) => start::spawn(future, at),
    }
}

/// What `go!(group = …)` calls. A method, because rustc reports one that is not there once.
pub trait GroupOption: HasTasks {
    fn async_dsl_group(&self) -> &Self {
        self
    }
}

impl<G: HasTasks> GroupOption for G {}

/// What `go!(group = …)` takes.
#[diagnostic::on_unimplemented(
    message = "`go!(group = …)` starts a task of a `Group` or of a `scope!`, not of `{Self}`",
    label = "not a group",
    note = "`go!(group = …)` starts a task of a group: `let group = Group::new();`, or of a `scope!`"
)]
pub trait HasTasks {}

impl<T> HasTasks for Group<T> {}

impl<O> HasTasks for Scope<O> {}

impl<T: Send + 'static> Group<T> {
    #[doc(hidden)]
    #[track_caller]
    pub fn async_dsl_start<F>(&self, options: Options, future: F) -> Start<'_, F>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let Options { name, token } = options;
        self.start(future, (name, token), Location::caller())
    }
}

impl<O> Scope<O> {
    #[doc(hidden)]
    #[track_caller]
    pub fn async_dsl_start<F>(&self, options: Options, future: F) -> StartInScope<'_, F>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let Options { name, token } = options;
        self.start(future, (name, token), Location::caller())
    }
}

/// What `go!(token = …)` takes.
#[diagnostic::on_unimplemented(
    message = "`go!(token = …)` takes a `CancelToken`, not `{Self}`",
    label = "not a token"
)]
pub trait TokenOption {
    fn operand(&self) -> &CancelToken;
}

impl TokenOption for CancelToken {
    fn operand(&self) -> &CancelToken {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: TokenOption + ?Sized> TokenOption for &T {
    fn operand(&self) -> &CancelToken {
        (**self).operand()
    }
}
