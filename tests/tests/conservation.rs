//! Random programs of channel operations, each operation dropped after a random number of polls: nothing is lost,
//! nothing is made up, and nobody is left waiting for what is there.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use async_dsl::chan::{Buffer, Waiting};
use async_dsl::prelude::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// Where the values of one program went.
#[derive(Debug, Default)]
struct Tally {
    made: u64,
    taken: u64,
    handed_back: u64,
    /// Dropped by anything else: a cancelled put, or a channel that discards.
    dropped: u64,
    /// Dropped while a put was cancelled.
    cancelled: u64,
}

type Book = Arc<Mutex<Tally>>;

struct Value {
    book: Book,
    accounted: bool,
}

impl Value {
    fn new(book: &Book) -> Self {
        book.lock().unwrap().made += 1;
        Self {
            book: Arc::clone(book),
            accounted: false,
        }
    }

    fn taken(mut self) {
        self.accounted = true;
        self.book.lock().unwrap().taken += 1;
    }

    fn handed_back(mut self) {
        self.accounted = true;
        self.book.lock().unwrap().handed_back += 1;
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if !self.accounted {
            self.book.lock().unwrap().dropped += 1;
        }
    }
}

/// A user's buffer: two places, first in, last out.
struct Stack(Vec<Value>);

impl Buffer<Value> for Stack {
    fn push(&mut self, value: Value) -> Option<Value> {
        self.0.push(value);
        None
    }

    fn pop(&mut self) -> Option<Value> {
        self.0.pop()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_full(&self) -> bool {
        self.0.len() >= 2
    }

    fn capacity(&self) -> Option<usize> {
        Some(2)
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Put,
    Take,
    TryPut,
    TryTake,
    /// Reserves a place and fills it, after some more polls.
    Fill(u8),
    /// Reserves a place and gives it up, after some more polls.
    GiveUp(u8),
    /// Whichever channel has a value first.
    TakeEither,
    /// Whichever channel has room first.
    PutEither(u8),
    /// The same with an arm that looks at a promise, which nobody keeps, every time.
    TakeOrPromise,
    PutOrPromise,
    /// Either, only if it can be done now.
    TakeOrDefault,
    PutOrDefault,
    Close,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Start(Kind, bool),
    /// Polls one of those that are under way.
    Poll(usize),
    /// Drops one of those that are under way.
    Drop(usize),
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        6 => Just(Kind::Put),
        6 => Just(Kind::Take),
        2 => Just(Kind::TryPut),
        2 => Just(Kind::TryTake),
        3 => (0..3_u8).prop_map(Kind::Fill),
        2 => (0..3_u8).prop_map(Kind::GiveUp),
        5 => Just(Kind::TakeEither),
        4 => (0..3_u8).prop_map(Kind::PutEither),
        3 => Just(Kind::TakeOrPromise),
        3 => Just(Kind::PutOrPromise),
        2 => Just(Kind::TakeOrDefault),
        2 => Just(Kind::PutOrDefault),
        1 => Just(Kind::Close),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (kinds(), any::<bool>()).prop_map(|(kind, second)| Step::Start(kind, second)),
        3 => any::<usize>().prop_map(Step::Poll),
        2 => any::<usize>().prop_map(Step::Drop),
    ];
    vec(step, 1..60)
}

fn make(kind: u8) -> Chan<Value> {
    match kind {
        0 | 1 => chan::fixed(0),
        2 => chan::fixed(1),
        3 => chan::fixed(3),
        4 => chan(),
        5 => chan::dropping(2),
        6 => chan::sliding(2),
        _ => chan::with(Stack(Vec::new())),
    }
}

/// Is pending that many times.
async fn pause(times: u8) {
    for _ in 0..times {
        async_dsl::task::yield_now().await;
    }
}

#[linear]
async fn run(kind: Kind, a: &Chan<Value>, b: &Chan<Value>, book: &Book) {
    match kind {
        Kind::Put => {
            note(a.put(Value::new(book)).await);
        }
        Kind::Take => {
            if let Some(value) = a.take().await {
                value.taken();
            }
        }
        Kind::TryPut => {
            if let Err(error) = a.try_put(Value::new(book)) {
                error.into_inner().handed_back();
            }
        }
        Kind::TryTake => {
            if let Ok(value) = a.try_take() {
                value.taken();
            }
        }
        Kind::Fill(pauses) => {
            let permit = a.reserve().await;
            pause(pauses).await;
            note(permit.put(Value::new(book)));
        }
        Kind::GiveUp(pauses) => {
            let _permit = a.reserve().await;
            pause(pauses).await;
        }
        Kind::TakeEither => {
            if let Ok((_, Some(value))) = alts([a.take(), b.take()]).await {
                value.taken();
            }
        }
        Kind::PutEither(pauses) => {
            let Ok((_, permit)) = alts([a.reserve(), b.reserve()]).await else {
                return;
            };
            pause(pauses).await;
            note(permit.put(Value::new(book)));
        }
        Kind::TakeOrPromise => {
            let (_resolver, never) = promise::<()>();
            alt! {
                value = take!(a) => value.into_iter().for_each(Value::taken),
                value = take!(b) => value.into_iter().for_each(Value::taken),
                _ = await!(never) => {}
            }
        }
        Kind::PutOrPromise => {
            let (_resolver, never) = promise::<()>();
            alt! {
                sent = put!(a, Value::new(book)) => note(sent),
                sent = put!(b, Value::new(book)) => note(sent),
                _ = await!(never) => {}
            }
        }
        Kind::TakeOrDefault => {
            alt! {
                value = take!(a) => value.into_iter().for_each(Value::taken),
                value = take!(b) => value.into_iter().for_each(Value::taken),
                default => {}
            }
        }
        Kind::PutOrDefault => {
            alt! {
                sent = put!(a, Value::new(book)) => note(sent),
                sent = put!(b, Value::new(book)) => note(sent),
                default => {}
            }
        }
        Kind::Close => {
            a.close();
        }
    }
}

fn note(sent: Result<(), Closed<Value>>) {
    if let Err(Closed(value)) = sent {
        value.handed_back();
    }
}

/// Something under way, and whether it was woken since it was last polled.
struct Running<'a> {
    future: Pin<Box<dyn Future<Output = ()> + 'a>>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls one; says whether it goes on.
fn poll(running: &mut Running<'_>) -> bool {
    running.woken.0.store(false, Ordering::Relaxed);
    let waker = Waker::from(Arc::clone(&running.woken));
    running
        .future
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_pending()
}

fn cancel(running: Running<'_>, book: &Book, chans: [&Chan<Value>; 2]) {
    let discarded = || chans.map(Chan::discarded).iter().sum::<u64>();
    let before = book.lock().unwrap().dropped - discarded();
    drop(running);
    let now = book.lock().unwrap().dropped - discarded();
    book.lock().unwrap().cancelled += now - before;
}

fn check(program: Vec<Step>, first: u8, second: u8) -> Result<(), TestCaseError> {
    let book = Book::default();
    let (a, b) = (make(first), make(second));
    let mut running: Vec<Running<'_>> = Vec::new();
    for step in program {
        match step {
            Step::Start(kind, swap) => {
                let (one, other) = if swap { (&b, &a) } else { (&a, &b) };
                let mut fresh = Running {
                    future: Box::pin(run(kind, one, other, &book)),
                    woken: Arc::default(),
                };
                if poll(&mut fresh) {
                    running.push(fresh);
                }
            }
            Step::Poll(which) if !running.is_empty() => {
                let which = which % running.len();
                if !poll(&mut running[which]) {
                    drop(running.swap_remove(which));
                }
            }
            Step::Drop(which) if !running.is_empty() => {
                let which = which % running.len();
                cancel(running.swap_remove(which), &book, [&a, &b]);
            }
            Step::Poll(_) | Step::Drop(_) => {}
        }
    }
    // Whoever was told to go on does, and nobody else: then nobody waits for what is there.
    for _ in 0..200 {
        running.retain_mut(|one| !one.woken.0.load(Ordering::Relaxed) || poll(one));
    }
    for c in [&a, &b] {
        let Waiting {
            takers, putters, ..
        } = c.waiting();
        prop_assert!(
            takers == 0 || c.is_empty(),
            "a taker waits beside a value: {c:?}"
        );
        prop_assert!(
            takers == 0 || putters == 0,
            "a taker waits beside a putter: {c:?}"
        );
        let full = c.capacity().is_some_and(|size| c.len() >= size);
        prop_assert!(
            putters == 0 || full,
            "a putter waits beside a free place: {c:?}"
        );
        prop_assert!(
            !c.is_closed() || (takers, putters) == (0, 0),
            "somebody waits for a closed channel: {c:?}"
        );
    }
    while let Some(one) = running.pop() {
        cancel(one, &book, [&a, &b]);
    }
    for c in [&a, &b] {
        prop_assert_eq!(c.waiting(), Waiting::default());
        while let Ok(value) = c.try_take() {
            value.taken();
        }
    }
    let tally = book.lock().unwrap();
    let discarded = a.discarded() + b.discarded();
    prop_assert_eq!(tally.dropped, tally.cancelled + discarded, "{:?}", tally);
    prop_assert_eq!(
        tally.made,
        tally.taken + tally.handed_back + tally.dropped,
        "{:?}",
        tally
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    // N4
    #[test]
    fn nothing_is_lost_wherever_an_operation_is_dropped(
        program in steps(),
        first in 0..8_u8,
        second in 0..8_u8,
    ) {
        check(program, first, second)?;
    }
}
