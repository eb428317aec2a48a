//! What became of every future that a task consists of.
//!
//! Its lock is std's: the threads of a sweep all run on one, and are switched nowhere in here.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use shuttle::thread;

#[derive(Default)]
pub(super) struct Ledger(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    futures: Vec<Fate>,
    /// The first rule that was broken. A panic of a task would be kept from the sweep.
    fault: Option<String>,
    log: Vec<(&'static str, Option<usize>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Waits,
    /// Being polled.
    Polled,
    Ended,
    /// Dropped before its end.
    Dropped,
}

impl Ledger {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, what: &'static str, number: impl Into<Option<usize>>) {
        self.pages().log.push((what, number.into()));
    }

    /// What must hold, in a task.
    pub(super) fn must(&self, holds: bool, rule: impl FnOnce() -> String) {
        if !holds {
            self.pages().fault.get_or_insert_with(rule);
        }
    }

    /// Keeps an account of `future`.
    pub(super) fn tracked<F: Future>(self: &Arc<Self>, future: F) -> Account<F> {
        let mut pages = self.pages();
        pages.futures.push(Fate::Waits);
        Account {
            number: pages.futures.len() - 1,
            ledger: Arc::clone(self),
            future: Some(Box::pin(future)),
        }
    }

    fn becomes(&self, number: usize, fate: Fate) -> Fate {
        let mut pages = self.pages();
        let what = match fate {
            Fate::Waits => "parks: task",
            Fate::Polled => "has a turn: task",
            Fate::Ended => "ends: task",
            Fate::Dropped => "is dropped: task",
        };
        pages.log.push((what, Some(number)));
        std::mem::replace(&mut pages.futures[number], fate)
    }

    /// How many futures have come to their end.
    pub(super) fn ended(&self) -> usize {
        let pages = self.pages();
        pages
            .futures
            .iter()
            .filter(|it| **it == Fate::Ended)
            .count()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.pages().futures.len()
    }

    /// No rule was broken, and every future has ended or was dropped.
    pub(super) fn check(&self) {
        let pages = self.pages();
        if let Some(fault) = &pages.fault {
            panic!("{fault}");
        }
        for (number, fate) in pages.futures.iter().enumerate() {
            let is_over = matches!(fate, Fate::Ended | Fate::Dropped);
            assert!(is_over, "task {number} is left: it {fate:?}");
        }
    }

    /// What was done, in order.
    pub(super) fn show(&self) -> String {
        let pages = self.pages();
        let steps = pages.log.iter().map(|(what, number)| match number {
            Some(number) => format!("{what} {number}"),
            None => (*what).to_owned(),
        });
        steps.collect::<Vec<_>>().join(", ")
    }
}

/// A future whose turns are counted.
pub(super) struct Account<F> {
    number: usize,
    ledger: Arc<Ledger>,
    future: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for Account<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let number = self.number;
        let before = self.ledger.becomes(number, Fate::Polled);
        self.ledger.must(before == Fate::Waits, || {
            format!("task {number} has a turn though it {before:?}")
        });
        thread::yield_now();
        let polled = match &mut self.future {
            Some(future) => future.as_mut().poll(cx),
            None => panic!("task {number} is polled after its end"),
        };
        match polled {
            Poll::Pending => {
                self.ledger.becomes(number, Fate::Waits);
            }
            Poll::Ready(_) => {
                self.future = None;
                self.ledger.becomes(number, Fate::Ended);
            }
        }
        polled
    }
}

impl<F> Drop for Account<F> {
    fn drop(&mut self) {
        // What it holds first, as its own drop may start other tasks.
        if self.future.take().is_some() {
            let before = self.ledger.becomes(self.number, Fate::Dropped);
            self.ledger.must(before == Fate::Waits, || {
                format!("task {} is dropped though it {before:?}", self.number)
            });
        }
    }
}
