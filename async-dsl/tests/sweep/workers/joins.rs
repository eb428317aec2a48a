//! The join of a task: two who wait for it, cancel it or let go of it, and what the last of them does with its handle.

use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as StdMutex};
use std::task::{Context, Poll, Waker};

use async_dsl::alt::CanLose;
use async_dsl::prelude::*;
use async_dsl::scheduler::on_threads;
use async_dsl::task::{Canceller, TaskError, yield_now};
use shuttle::thread::{self, JoinHandle};

use super::combinations;
use super::ledger::Ledger;

/// What the task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Ends,
    /// It parks once on its way.
    Yields,
    /// It parks until it is cancelled.
    Parks,
}

/// What each of the two does with a reference to the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Waits,
    /// It polls once and gives up.
    Looks,
    Cancels,
    /// Another thread cancels, later.
    CancelsElsewhere,
    /// A canceller that is there until the end, and does nothing.
    Keeps,
    Asks,
}

/// What the last of them does with the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Awaits,
    Outcome,
    Cancels,
    Drops,
}

const ACTS: &[Act] = &[
    Act::Waits,
    Act::Looks,
    Act::Cancels,
    Act::CancelsElsewhere,
    Act::Keeps,
    Act::Asks,
];

#[derive(Clone)]
struct Program {
    body: Body,
    acts: Vec<Act>,
    last: Last,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} {:?}", self.body, self.acts, self.last)
    }
}

pub(super) fn cases() -> impl Iterator<Item = (String, Box<dyn Fn() + Send + Sync>)> {
    let mut programs = Vec::new();
    for body in [Body::Ends, Body::Yields, Body::Parks] {
        for last in [Last::Awaits, Last::Outcome, Last::Cancels, Last::Drops] {
            for acts in combinations(ACTS, 2) {
                programs.push(Program { body, acts, last });
            }
        }
    }
    programs
        .into_iter()
        .filter(Program::is_possible)
        .map(|program| {
            let name = program.to_string();
            (name, Box::new(move || program.run()) as _)
        })
}

/// The output of the task; the book counts it when it is dropped.
struct Output(Arc<Book>);

impl Drop for Output {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// What somebody who waited was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Output,
    Cancelled,
    /// Somebody else was told.
    Taken,
}

#[derive(Default)]
struct Book {
    /// The task has come to its end.
    made: AtomicBool,
    dropped: AtomicUsize,
    /// Somebody has begun to cancel it.
    cancelled: AtomicBool,
    told: StdMutex<Vec<Told>>,
    kept: StdMutex<Vec<Canceller>>,
    /// The threads that cancel. They are over before the end is looked at: one that has made the task ready, and is about to
    /// put it in the queue, has it in its hands.
    elsewhere: StdMutex<Vec<JoinHandle<()>>>,
}

impl Program {
    fn cancels(&self) -> bool {
        self.last == Last::Cancels || self.acts.iter().any(|act| act.cancels())
    }

    /// A task that parks is waited for only if somebody cancels it before.
    fn is_possible(&self) -> bool {
        let waits = self.acts.contains(&Act::Waits);
        let awaits = matches!(self.last, Last::Awaits | Last::Outcome);
        let cancels = self.acts.iter().any(|act| act.cancels());
        self.body != Body::Parks || cancels || !(waits || awaits)
    }

    fn run(&self) {
        let book = Arc::new(Book::default());
        let own = Arc::clone(&book);
        let ledger = super::run(|ledger| {
            let elsewhere = Arc::clone(&own);
            on_threads(2, async move { self.act(&ledger, &own).await });
            let threads = std::mem::take(&mut *elsewhere.elsewhere.lock().unwrap());
            for thread in threads {
                thread.join().unwrap();
            }
        });
        book.check(self, &ledger);
        drop(std::mem::take(&mut *book.kept.lock().unwrap()));
    }

    async fn act(&self, ledger: &Arc<Ledger>, book: &Arc<Book>) {
        let task = Arc::new(start(self.body, ledger, book));
        let last = self.last;
        let acts: Vec<_> = self
            .acts
            .iter()
            .map(|act| {
                let (act, task) = (*act, Arc::clone(&task));
                let (own, book) = (Arc::clone(ledger), Arc::clone(book));
                let future = ledger.tracked(async move {
                    act.run(&task, &own, &book).await;
                    if let Some(task) = Arc::into_inner(task) {
                        last.run(task, &own, &book).await;
                    }
                });
                go!(future.await)
            })
            .collect();
        if let Some(task) = Arc::into_inner(task) {
            last.run(task, ledger, book).await;
        }
        for act in acts {
            act.await;
        }
    }
}

fn start(body: Body, ledger: &Arc<Ledger>, book: &Arc<Book>) -> Task<Output> {
    let book = Arc::clone(book);
    let future = ledger.tracked(async move {
        match body {
            Body::Ends => {}
            Body::Yields => yield_now().await,
            Body::Parks => pending().await,
        }
        book.made.store(true, Ordering::Relaxed);
        Output(book)
    });
    go!(future.await)
}

impl Act {
    fn cancels(self) -> bool {
        matches!(self, Self::Cancels | Self::CancelsElsewhere)
    }

    async fn run(self, task: &Task<Output>, ledger: &Ledger, book: &Arc<Book>) {
        match self {
            Self::Waits => {
                let told = guarded(task.wait()).await;
                book.told(told.map(Ok), ledger);
            }
            Self::Looks => {
                let mut wait = pin!(guarded(task.wait()));
                let polled = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                thread::yield_now();
                if let Poll::Ready(told) = polled {
                    book.told(told.map(Ok), ledger);
                }
            }
            Self::Cancels => {
                let canceller = task.canceller();
                book.cancelled.store(true, Ordering::Relaxed);
                canceller.cancel();
            }
            Self::CancelsElsewhere => {
                let (canceller, own) = (task.canceller(), Arc::clone(book));
                let thread = thread::spawn(move || {
                    own.cancelled.store(true, Ordering::Relaxed);
                    canceller.cancel();
                });
                book.elsewhere.lock().unwrap().push(thread);
            }
            Self::Keeps => {
                let canceller = task.canceller();
                book.kept.lock().unwrap().push(canceller);
            }
            Self::Asks => {
                let is_finished = task.is_finished();
                let may_be = [&book.made, &book.cancelled].map(|it| it.load(Ordering::Relaxed));
                ledger.must(!is_finished || may_be.contains(&true), || {
                    "a task that runs is said to be finished".to_owned()
                });
            }
        }
    }
}

impl Last {
    async fn run(self, task: Task<Output>, ledger: &Ledger, book: &Book) {
        match self {
            Self::Awaits => {
                let told = guarded(task).await;
                book.told(told.map(Ok), ledger);
            }
            Self::Outcome => {
                let told = guarded(task.outcome()).await;
                book.told(told, ledger);
            }
            Self::Cancels => {
                let started_at = task.started_at();
                book.cancelled.store(true, Ordering::Relaxed);
                let told = guarded(task.cancel()).await;
                let told = told.map(|output| output.ok_or(TaskError::Cancelled { started_at }));
                book.told(told, ledger);
            }
            Self::Drops => drop(task),
        }
    }
}

/// Awaits it, and gives the message if it panics.
async fn guarded<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|cx| poll_guarded(future.as_mut(), cx)).await
}

fn poll_guarded<F: Future>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, String>> {
    match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(payload) => Poll::Ready(Err(*payload.downcast::<String>().unwrap_or_default())),
    }
}

impl Book {
    fn told(&self, told: Result<Result<Output, TaskError>, String>, ledger: &Ledger) {
        let what = match &told {
            Ok(Ok(_)) => Told::Output,
            Ok(Err(TaskError::Cancelled { .. })) => Told::Cancelled,
            Err(message) if message.contains("was cancelled") => Told::Cancelled,
            Err(message) if message.contains("after its value was taken") => Told::Taken,
            Ok(Err(error)) => panic!("{error}"),
            Err(message) => return ledger.must(false, || message.clone()),
        };
        ledger.note(
            match what {
                Told::Output => "one gets the output",
                Told::Cancelled => "one is told that it was cancelled",
                Told::Taken => "one is told that it comes too late",
            },
            None,
        );
        self.told.lock().unwrap().push(what);
        drop(told);
    }

    fn check(&self, program: &Program, ledger: &Ledger) {
        let told = self.told.lock().unwrap();
        let count = |what| told.iter().filter(|told| **told == what).count();
        let made = self.made.load(Ordering::Relaxed);
        let dropped = self.dropped.load(Ordering::Relaxed);
        assert_eq!(dropped, usize::from(made), "outputs are made and dropped");
        let answers = count(Told::Output) + count(Told::Cancelled);
        assert!(answers <= 1, "two are told how it ended: {told:?}");
        assert!(
            count(Told::Cancelled) == 0 || !made,
            "C: the task came to its end, and its output was dropped"
        );
        assert!(
            count(Told::Cancelled) == 0 || program.cancels(),
            "nobody cancels it, and somebody is told that it was"
        );
        assert!(
            answers == 1 || told.is_empty(),
            "nobody is told how it ended: {told:?}"
        );
        let all_ended = ledger.ended() == ledger.count();
        assert!(
            all_ended
                || program.cancels()
                || program.last == Last::Drops
                || program.body == Body::Parks
        );
    }
}
