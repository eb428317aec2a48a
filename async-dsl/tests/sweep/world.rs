//! One run of a program: its channels, who has which end of them, and the thread that keeps everybody going.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_dsl::chan::{Permit, Take, Waiting};
use async_dsl::prelude::*;
use async_dsl::promise::Resolver;
use async_dsl::scheduler::Scheduler;
use shuttle::future::block_on;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use crate::book::{Book, Told, Value};
use crate::kinds::{AGENT, FAR_PUT, FAR_TAKE, Kind, PROMISE, PUT, SCHEDULER, TAKE};

/// A program: an operation in each thread, on channels of this capacity.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) kinds: Vec<&'static Kind>,
    /// `None` is an unbounded channel.
    pub(crate) capacity: Option<usize>,
    pub(crate) mode: Mode,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.name).collect();
        let names = names.join(",");
        match self.capacity {
            Some(places) => write!(f, "[{names}] {:?}, {places} places", self.mode),
            None => write!(f, "[{names}] {:?}, unbounded", self.mode),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Another thread holds every end, feeds takers and empties putters.
    Tended,
    /// Nobody but the operations has an end, so that channels close when these are done.
    Alone,
}

/// The clock goes so far at a time.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// So many rounds of the tending thread are enough for everybody.
const ROUNDS: usize = 500;

pub(crate) struct World {
    pub(crate) book: Arc<Book>,
    pub(crate) scheduler: Option<Scheduler>,
    /// It counts what is sent to it.
    agent: Option<Agent<usize>>,
    pub(crate) resolvers: Mutex<Vec<Resolver<Value>>>,
    /// Permits that nobody gives up before everybody is done.
    kept: Mutex<Vec<(Reserving, Permit<Value>)>>,
    done: AtomicUsize,
}

impl World {
    pub(crate) fn keep(&self, reserving: Reserving, permit: Permit<Value>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((reserving, permit));
    }

    pub(crate) fn promise(&self) -> Promise<Value> {
        let (resolver, promise) = promise();
        let mut resolvers = self
            .resolvers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        resolvers.push(resolver);
        promise
    }

    /// Delivers what one of the promises waits for, or breaks it.
    pub(crate) fn resolve(&self) {
        let mut resolvers = self
            .resolvers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let resolver = resolvers.pop();
        drop(resolvers);
        if let Some(resolver) = resolver {
            if thread_rng().gen_bool(0.7) {
                resolver.deliver(self.book.value(None, false));
            } else {
                drop(resolver);
            }
        }
    }
}

/// The ends of a channel that a thread has.
type OwnEnds = (Option<Putter<Value>>, Option<Taker<Value>>);

/// What one thread has.
pub(crate) struct Op {
    pub(crate) world: Arc<World>,
    ends: [OwnEnds; 2],
    /// The channel that the operation is on; the other is its far one.
    near: usize,
    promise: Option<Promise<Value>>,
}

/// A channel as an operation sees it.
#[derive(Clone, Copy)]
pub(crate) enum At {
    Near,
    Far,
}
pub(crate) use At::{Far, Near};

impl Op {
    fn new(kind: &Kind, world: &Arc<World>, ends: &[Ends; 2]) -> Self {
        let near = usize::from(thread_rng().gen_bool(0.2));
        let mut own = [(None, None), (None, None)];
        for (channel, putter, taker) in [(near, PUT, TAKE), (1 - near, FAR_PUT, FAR_TAKE)] {
            own[channel] = (
                kind.uses(putter).then(|| ends[channel].0.clone()),
                kind.uses(taker).then(|| ends[channel].1.clone()),
            );
        }
        Self {
            world: Arc::clone(world),
            ends: own,
            near,
            promise: kind.uses(PROMISE).then(|| world.promise()),
        }
    }

    pub(crate) fn channel(&self, at: At) -> usize {
        match at {
            Near => self.near,
            Far => 1 - self.near,
        }
    }

    pub(crate) fn putter(&self, at: At) -> &Putter<Value> {
        self.ends[self.channel(at)].0.as_ref().unwrap()
    }

    pub(crate) fn taker(&self, at: At) -> &Taker<Value> {
        self.ends[self.channel(at)].1.as_ref().unwrap()
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        self.world.scheduler.as_ref().unwrap()
    }

    pub(crate) fn promise(&self) -> &Promise<Value> {
        self.promise.as_ref().unwrap()
    }

    pub(crate) fn agent(&self) -> &Agent<usize> {
        self.world.agent.as_ref().unwrap()
    }

    pub(crate) fn book(&self) -> &Arc<Book> {
        &self.world.book
    }

    /// A value to put.
    pub(crate) fn value(&self, at: At) -> Value {
        self.book().value(Some(self.channel(at)), false)
    }

    /// A value to put now that there is a place or a taker for it.
    pub(crate) fn value_by_permit(&self, at: At) -> Value {
        self.book().value(Some(self.channel(at)), true)
    }

    /// What a put gives.
    pub(crate) fn put(&self, id: usize, sent: Result<(), Value>) {
        match sent {
            Ok(()) => self.book().told(id, Told::Accepted),
            Err(value) => value.back(),
        }
    }

    /// Puts by a permit.
    pub(crate) fn redeem(&self, at: At, permit: Permit<Value>) {
        redeem(self.book(), self.channel(at), permit);
    }

    /// What a take gives.
    pub(crate) fn took(&self, at: At, value: Option<Value>) {
        match value {
            Some(value) => value.taken(),
            None => self.book().ended(self.channel(at)),
        }
    }

    /// A take begins. It ends when what this gives is dropped.
    pub(crate) fn taking(&self, at: At) -> Taking {
        Taking::new(self.book(), self.channel(at))
    }

    /// A reservation begins. It ends when what this gives is dropped.
    pub(crate) fn reserving(&self, at: At) -> Reserving {
        let channel = self.channel(at);
        self.book().reserving(channel, true);
        Reserving(Arc::clone(self.book()), channel)
    }

    /// A taker that waits is given up.
    pub(crate) fn gave_up(&self, at: At) {
        self.book().gave_up(self.channel(at));
    }
}

fn redeem(book: &Arc<Book>, channel: usize, permit: Permit<Value>) {
    let value = book.value(Some(channel), true);
    let id = value.id;
    match permit.put(value) {
        Ok(()) => book.told(id, Told::Accepted),
        Err(Closed(value)) => value.back(),
    }
}

impl Drop for Op {
    fn drop(&mut self) {
        self.world.done.fetch_add(1, Ordering::Relaxed);
    }
}

pub(crate) struct Taking(Arc<Book>, usize);

impl Taking {
    fn new(book: &Arc<Book>, channel: usize) -> Self {
        book.taking(channel, true);
        Self(Arc::clone(book), channel)
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.0.taking(self.1, false);
    }
}

pub(crate) struct Reserving(Arc<Book>, usize);

impl Drop for Reserving {
    fn drop(&mut self) {
        self.0.reserving(self.1, false);
    }
}

/// Polls once.
pub(crate) fn once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Polled once for nobody, and then by somebody else.
pub(crate) fn moved<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    match once(&mut future) {
        Poll::Ready(output) => output,
        Poll::Pending => block_on(future),
    }
}

type Ends = (Putter<Value>, Taker<Value>);

/// Takes where somebody waits to put, and puts where somebody waits to take.
fn tend<'a>(
    book: &Arc<Book>,
    channel: usize,
    (putter, taker): &'a Ends,
    taking: &mut Option<(Pin<Box<Take<'a, Value>>>, Taking)>,
) {
    let Waiting {
        takers, putters, ..
    } = putter.waiting();
    if taking.is_none() && putters > 0 {
        *taking = Some((Box::pin(taker.take()), Taking::new(book, channel)));
    }
    look(book, channel, taking);
    if takers > usize::from(taking.is_some()) {
        let value = book.value(Some(channel), false);
        let id = value.id;
        match putter.try_put(value) {
            Ok(()) => book.told(id, Told::Accepted),
            Err(refused) => refused.into_inner().back(),
        }
    }
    if putter.capacity() == Some(0) {
        book.check_empty(channel, putter.len());
    }
}

fn look(
    book: &Arc<Book>,
    channel: usize,
    taking: &mut Option<(Pin<Box<Take<'_, Value>>>, Taking)>,
) {
    if let Some((take, _)) = taking {
        if let Poll::Ready(value) = once(take) {
            match value {
                Some(value) => value.taken(),
                None => book.ended(channel),
            }
            *taking = None;
        }
    }
}

thread_local! {
    /// The book of the last run on this thread.
    static LAST: RefCell<Option<Arc<Book>>> = const { RefCell::new(None) };
}

/// What was done in the last run on this thread.
pub(crate) fn last() -> String {
    LAST.with_borrow(|last| last.as_ref().map(|book| book.show()).unwrap_or_default())
}

/// Runs it once, under the schedule that shuttle makes up.
pub(crate) fn run(program: &Program) {
    // The order in which an `alt!` tries its arms is a part of the schedule.
    fastrand::seed(thread_rng().r#gen());
    let book = Book::new(program.capacity);
    LAST.set(Some(Arc::clone(&book)));
    let uses = |what: u8| program.kinds.iter().any(|kind| kind.uses(what));
    let world = Arc::new(World {
        book: Arc::clone(&book),
        scheduler: uses(SCHEDULER).then(Scheduler::virtual_time),
        agent: uses(AGENT).then(|| agent(0)),
        resolvers: Mutex::default(),
        kept: Mutex::default(),
        done: AtomicUsize::new(0),
    });
    let ends = [0, 1].map(|_| match program.capacity {
        Some(places) => chan::fixed(places).split(),
        None => chan().split(),
    });
    if program.capacity != Some(0) && thread_rng().gen_bool(0.3) {
        let value = book.value(Some(0), false);
        book.told(value.id, Told::Accepted);
        assert!(ends[0].0.try_put(value).is_ok());
    }
    let ops: Vec<_> = program
        .kinds
        .iter()
        .map(|kind| (*kind, Arc::new(Op::new(kind, &world, &ends))))
        .collect();
    // In this mode nobody waits for what only the tending thread could do.
    let waits = program.mode == Mode::Tended || uses(SCHEDULER | PROMISE);
    let ends = (program.mode == Mode::Tended).then_some(ends);
    let count = ops.len();
    let threads: Vec<_> = ops
        .into_iter()
        .map(|(kind, op)| thread::spawn(move || (kind.run)(&op)))
        .collect();
    let mut takes = [None, None];
    let mut rounds = 0;
    while waits && world.done.load(Ordering::Relaxed) < count {
        world.round(&ends, &mut takes);
        thread::yield_now();
        rounds += 1;
        assert!(rounds < ROUNDS, "hangs");
    }
    for thread in threads {
        thread.join().unwrap();
    }
    for (channel, take) in takes.iter_mut().enumerate() {
        look(&book, channel, take);
    }
    drop(takes);
    world.settle(&ends);
    if let Some(agent) = &world.agent {
        let sent = program.kinds.iter().filter(|kind| kind.uses(AGENT)).count();
        assert_eq!(agent.get().unwrap(), sent, "actions of an agent");
    }
    drop((world, ends));
    book.check(program.mode == Mode::Alone);
}

impl World {
    /// What the tending thread does again and again.
    fn round<'a>(
        &self,
        ends: &'a Option<[Ends; 2]>,
        takes: &mut [Option<(Pin<Box<Take<'a, Value>>>, Taking)>; 2],
    ) {
        if let Some(scheduler) = &self.scheduler {
            scheduler.run_once();
            if thread_rng().gen_bool(0.2) {
                scheduler.advance(TICK);
            }
        }
        if thread_rng().gen_bool(0.2) {
            self.resolve();
        }
        let Some(ends) = ends else { return };
        for (channel, take) in takes.iter_mut().enumerate() {
            if thread_rng().gen_bool(0.5) {
                tend(&self.book, channel, &ends[channel], take);
            }
        }
    }

    /// Everybody is done.
    fn settle(&self, ends: &Option<[Ends; 2]>) {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        for (reserving, permit) in kept {
            redeem(&self.book, reserving.1, permit);
        }
        for (_, taker) in ends.iter().flatten() {
            assert_eq!(taker.waiting(), Waiting::default(), "waiters are left");
            while let Ok(value) = taker.try_take() {
                value.left();
            }
        }
    }
}
