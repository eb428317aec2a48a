//! The state of one scheduler, and how the inside of the crate refers to it.

use std::ops::Deref;
use std::sync::atomic::AtomicUsize as StdAtomicUsize;
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use super::clock::Clock;
use super::id::TaskId;
use super::place::Line;
use super::queue::{Guest, RunQueue};
use super::schedule::{Scheduled, Simulation};
use super::slot::Slot;
use super::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use super::sync::{Mutex, lock};
use super::table::{Listed, TaskTable};
use super::wake::wake_all;
use super::{tick, workers};

/// What every task carries beside its future, for whoever wakes or runs it. A million of them are alive: what only handles
/// need is in the handle.
#[derive(Debug)]
pub(crate) struct Meta {
    pub(crate) started_at: Line,
    pub(crate) id: TaskId,
    pub(crate) scheduler: Handle,
}

pub(crate) type Runnable = async_task::Runnable<Meta>;

impl Scheduled for Runnable {
    fn id(&self) -> TaskId {
        self.metadata().id
    }
}

/// What every scheduler consists of.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) queue: RunQueue<Runnable>,
    pub(crate) table: TaskTable,
    /// Who waits for the table to be empty, before the scheduler ends.
    pub(crate) drained: Mutex<Vec<Waker>>,
    /// Somebody waits for that, or did.
    pub(crate) drains: AtomicBool,
    /// What each worker and each guest is polling; a scheduler driven by hand has one.
    pub(crate) slots: Box<[Slot]>,
    /// The names of its threads.
    threads: Mutex<Vec<Option<String>>>,
}

/// A scheduler other than the global one, and what only such a one has.
#[derive(Debug)]
pub(super) struct Own {
    core: Core,
    /// Tells it from the others that live; not 0.
    number: u16,
    clock: Clock,
    /// Those driven by hand have a random source of their own.
    rng: Option<Mutex<fastrand::Rng>>,
    /// A simulated scheduler's choices.
    sim: Option<Simulation<Runnable>>,
    /// How many handles its users have. Tasks have others.
    users: AtomicUsize,
    /// Closures of `thread!`, and sockets, that its tasks wait for.
    outside: AtomicUsize,
    /// A `block_on` that would wait for ever panics.
    panics_on_deadlock: AtomicBool,
    /// What its threads enter.
    #[cfg(feature = "tokio")]
    tokio: OnceLock<tokio::runtime::Handle>,
}

/// The global scheduler, once anything was started on it.
static GLOBAL: OnceLock<Core> = OnceLock::new();
/// Its clock, which is there before: to read it starts nothing.
static CLOCK: Clock = Clock::real();

/// What may come from outside to its tasks, as far as somebody says so. A `static` cannot be loom's.
static EXPECTED: StdAtomicUsize = StdAtomicUsize::new(0);

/// So many threads that wait in a `block_on` may work for the global scheduler meanwhile.
const GUESTS: usize = 4;

/// A scheduler other than the global one, or (`None`) that. This is the only place that says so.
#[derive(Clone, Debug)]
pub(crate) struct Handle(Option<Arc<Own>>);

impl Deref for Handle {
    type Target = Core;

    fn deref(&self) -> &Core {
        match &self.0 {
            Some(own) => &own.core,
            None => GLOBAL.get_or_init(|| Core::with_workers(workers::count(), GUESTS, 0)),
        }
    }
}

impl Core {
    fn with_workers(workers: usize, guests: usize, number: u16) -> Self {
        let queue = RunQueue::new(workers, guests);
        Self::new(queue, workers + 1, guests, number)
    }

    fn new(queue: RunQueue<Runnable>, shards: usize, guests: usize, number: u16) -> Self {
        Self {
            queue,
            table: TaskTable::new(shards, number),
            drained: Mutex::default(),
            drains: AtomicBool::new(false),
            slots: (0..shards + guests).map(|_| Slot::default()).collect(),
            threads: Mutex::default(),
        }
    }
}

impl Own {
    /// One driven by hand.
    pub(super) fn manual(number: u16, clock: Clock) -> Self {
        Self {
            rng: Some(Mutex::new(fastrand::Rng::with_seed(0))),
            ..Self::new(Core::new(RunQueue::in_order(), 1, 0, number), number, clock)
        }
    }

    pub(super) fn simulated(number: u16, sim: Simulation<Runnable>) -> Self {
        Self {
            sim: Some(sim),
            ..Self::for_workers(0, number, Clock::standing())
        }
    }

    pub(super) fn for_workers(count: usize, number: u16, clock: Clock) -> Self {
        Self::new(Core::with_workers(count, 0, number), number, clock)
    }

    fn new(core: Core, number: u16, clock: Clock) -> Self {
        Self {
            core,
            number,
            clock,
            rng: None,
            sim: None,
            users: AtomicUsize::new(0),
            outside: AtomicUsize::new(0),
            panics_on_deadlock: AtomicBool::new(false),
            #[cfg(feature = "tokio")]
            tokio: OnceLock::new(),
        }
    }
}

impl Handle {
    pub(crate) const GLOBAL: Self = Self(None);

    pub(super) fn of(own: Arc<Own>) -> Self {
        Self(Some(own))
    }

    /// Whether it is the same scheduler.
    #[inline]
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }

    pub(crate) fn is_global(&self) -> bool {
        self.0.is_none()
    }

    /// The clock, without starting anything.
    pub(crate) fn clock(&self) -> &Clock {
        self.0.as_ref().map_or(&CLOCK, |own| &own.clock)
    }

    /// The choices of a simulated scheduler.
    pub(crate) fn sim(&self) -> Option<&Simulation<Runnable>> {
        self.0.as_ref().and_then(|own| own.sim.as_ref())
    }

    /// A user gets a handle.
    pub(crate) fn add_user(&self) {
        if let Some(own) = &self.0 {
            own.users.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A user drops a handle. With the last one the tasks are cancelled; the global scheduler goes on.
    pub(crate) fn remove_user(&self) {
        if let Some(own) = &self.0 {
            if own.users.fetch_sub(1, Ordering::AcqRel) == 1 {
                self.cancel_all();
            }
        }
    }

    /// The global one, if anything was started on it.
    pub(crate) fn global_if_started() -> Option<Self> {
        GLOBAL.get().map(|_| Self::GLOBAL)
    }

    /// Tells it from the others that live; the global one is 0.
    pub(crate) fn number(&self) -> u16 {
        self.0.as_ref().map_or(0, |own| own.number)
    }

    /// A place for a thread that waits, and works meanwhile, if there is one: on the global scheduler, once anything was
    /// started there.
    pub(crate) fn guest(&self) -> Option<Guest<'_, Runnable>> {
        if self.is_global() && GLOBAL.get().is_some() {
            self.queue.guest()
        } else {
            None
        }
    }

    /// The place for a tokio runtime of its own, if this is not the global scheduler.
    #[cfg(feature = "tokio")]
    pub(crate) fn tokio(&self) -> Option<&OnceLock<tokio::runtime::Handle>> {
        self.0.as_ref().map(|own| &own.tokio)
    }

    /// The tasks that are alive.
    pub(crate) fn tasks(&self) -> Vec<Listed> {
        self.table.list()
    }

    /// The tasks that wait for their turn.
    pub(crate) fn ready(&self) -> Vec<TaskId> {
        let mut ready = self.queue.ready(|ready| ready.metadata().id);
        ready.extend(self.sim().into_iter().flat_map(Simulation::ready_tasks));
        ready
    }

    /// The tasks that are being polled.
    pub(crate) fn running(&self) -> impl Iterator<Item = u64> {
        self.polls().map(|(task, _)| task)
    }

    /// What each worker is polling, and how often it has looked at the reactor.
    pub(crate) fn polls(&self) -> impl Iterator<Item = (u64, u64)> {
        self.slots.iter().map(Slot::look)
    }

    /// Whether no task waits for its turn.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.len() == 0
    }

    /// How many closures of `thread!`, and sockets, its tasks wait for, and what else may come from outside. Of the global
    /// scheduler only the last is counted.
    pub(crate) fn expected(&self) -> usize {
        match &self.0 {
            Some(own) => own.outside.load(Ordering::Acquire),
            None => EXPECTED.load(Ordering::Acquire),
        }
    }

    /// This thread works for it, for good.
    pub(crate) fn add_thread(&self) {
        let name = std::thread::current().name().map(String::from);
        lock(&self.threads).push(name);
    }

    /// The names of the threads that work for it.
    pub(crate) fn threads(&self) -> Vec<Option<String>> {
        let mut threads = lock(&self.threads).clone();
        if self.is_global() {
            threads.push(Some(tick::THREAD.to_owned()));
        }
        threads
    }

    pub(crate) fn panics_on_deadlock(&self) -> bool {
        let own = self.0.as_ref();
        own.is_some_and(|own| own.panics_on_deadlock.load(Ordering::Relaxed))
    }

    pub(crate) fn panic_on_deadlock(&self) {
        if let Some(own) = &self.0 {
            own.panics_on_deadlock.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn rng(&self) -> Option<&Mutex<fastrand::Rng>> {
        self.0.as_ref().and_then(|own| own.rng.as_ref())
    }

    pub(crate) fn random_below(&self, bound: usize) -> usize {
        match self.sim() {
            Some(sim) => sim.random_below(bound),
            None => self.draw(bound),
        }
    }

    /// As [`random_below`](Self::random_below); `None` if this scheduler is simulated.
    pub(crate) fn random_unless_scheduled(&self, bound: usize) -> Option<usize> {
        self.sim().is_none().then(|| self.draw(bound))
    }

    fn draw(&self, bound: usize) -> usize {
        self.random(|rng| rng.usize(..bound), || fastrand::usize(..bound))
    }

    /// A seed for many draws that are no choices of a schedule; `None` if this scheduler is simulated.
    pub(crate) fn random_seed(&self) -> Option<u64> {
        let draws = || self.random(|rng| rng.u64(..), || fastrand::u64(..));
        self.sim().is_none().then(draws)
    }

    /// Draws from this scheduler's own source, or from that of the thread.
    fn random<R>(
        &self,
        own: impl FnOnce(&mut fastrand::Rng) -> R,
        otherwise: impl FnOnce() -> R,
    ) -> R {
        match self.rng() {
            Some(rng) => own(&mut lock(rng)),
            None => otherwise(),
        }
    }

    /// Something outside is waited for.
    pub(crate) fn outside(&self) -> Outside {
        if let Some(own) = &self.0 {
            own.outside.fetch_add(1, Ordering::AcqRel);
        }
        Outside(self.clone())
    }

    /// The same for whoever asks for it, of the global scheduler too.
    pub(crate) fn expect(&self) {
        match &self.0 {
            Some(own) => own.outside.fetch_add(1, Ordering::AcqRel),
            None => EXPECTED.fetch_add(1, Ordering::AcqRel),
        };
    }

    /// The end of one [`expect`](Self::expect).
    pub(crate) fn expect_no_more(&self) {
        match &self.0 {
            Some(own) => own.outside.fetch_sub(1, Ordering::AcqRel),
            None => EXPECTED.fetch_sub(1, Ordering::AcqRel),
        };
    }

    /// To be called after a task has left the table.
    pub(crate) fn task_left(&self) {
        if self.drains.load(Ordering::Acquire) {
            let waiting = std::mem::take(&mut *lock(&self.drained));
            wake_all(waiting);
        }
    }
}

/// Tells a scheduler with a standing clock that something may come from outside, a thread's result or a packet, so
/// that its clock is not moved faster than real time meanwhile.
#[derive(Debug)]
pub(crate) struct Outside(Handle);

impl Drop for Outside {
    fn drop(&mut self) {
        if let Some(own) = &self.0.0 {
            own.outside.fetch_sub(1, Ordering::AcqRel);
        }
    }
}
