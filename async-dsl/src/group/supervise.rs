//! A scope whose tasks go on when one of them has failed.

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::Arc;

use super::inspected::Kind;
use super::many::Group;
use super::run::{Ends, Failure, Run};
use crate::runtime::place::At;
use crate::runtime::task::TaskError;

/// `scope!(supervise, …)`.
#[derive(Debug)]
pub struct Supervised<T> {
    group: Group<T>,
    failure: Failure,
    // Behind the group, whose drop cancels the tasks.
    _ends: Ends,
    at: At,
}

impl<T> Supervised<T> {
    /// Returns a scope without tasks.
    #[track_caller]
    pub fn new(at: At) -> Self {
        let group = Group::of(Kind::Scope);
        let ends = Ends::new(Arc::clone(group.core()));
        Self {
            group,
            failure: Failure::new(),
            _ends: ends,
            at,
        }
    }

    /// Returns what the block has.
    pub fn handle(&self) -> &Group<T> {
        &self.group
    }

    /// Runs the block, and waits for the tasks.
    pub async fn run<F: Future<Output = ()>>(&self, block: F) -> Vec<Result<T, TaskError>> {
        Run::new(block, self.group.core(), &self.failure, self.at).await;
        if let Some(panic) = self.failure.take_panic() {
            resume_unwind(panic.into_panic());
        }
        self.group.take_all()
    }
}
