//! The run queue: tasks that come to their end or do not, on workers that are stopped when all have, or at any moment.

use std::fmt;
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::{Poll, Waker};

use async_dsl::prelude::*;
use async_dsl::scheduler::{Scheduler, on_threads};
use async_dsl::task::yield_now;
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::{Condvar, Mutex};
use shuttle::thread;

use super::combinations;
use super::ledger::Ledger;

type Start = fn(&Arc<World>) -> Task<()>;

#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// Whether it comes to its end, if nothing stops it.
    ends: bool,
    start: Start,
}

const fn kind(name: &'static str, ends: bool, start: Start) -> Kind {
    Kind { name, ends, start }
}

const KINDS: &[Kind] = &[
    kind("ends", true, |world| world.go(async {})),
    kind("yields", true, yields),
    kind("awaits", true, awaits),
    kind("leaves", true, leaves),
    kind("woken", true, woken),
    kind("meets", true, meets),
    kind("parks", false, |world| world.go(pending::<()>())),
    kind("busy", false, busy),
    kind("starts_as_it_goes", false, starts_as_it_goes),
    kind("wakes_as_it_goes", false, wakes_as_it_goes),
];

/// Who runs the tasks, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Two workers, until all have ended that do.
    AllEnd,
    /// Two workers, which are stopped at once.
    Stopped,
    /// Two threads which drive a scheduler by hand, of which one leaves.
    Driven,
}

struct Program {
    kinds: Vec<Kind>,
    mode: Mode,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.name).collect();
        write!(f, "[{}] {:?}", names.join(","), self.mode)
    }
}

pub(super) fn cases() -> impl Iterator<Item = (String, Box<dyn Fn() + Send + Sync>)> {
    let modes = [Mode::AllEnd, Mode::Stopped, Mode::Driven];
    let programs = modes.into_iter().flat_map(|mode| {
        let combinations = combinations(KINDS, 3).into_iter();
        combinations.map(move |kinds| Program { kinds, mode })
    });
    programs.filter(Program::is_possible).map(|program| {
        let name = program.to_string();
        (name, Box::new(move || program.run()) as _)
    })
}

impl Program {
    fn count(&self, name: &str) -> usize {
        self.kinds.iter().filter(|kind| kind.name == name).count()
    }

    /// Two that meet need both workers for themselves, and both must come.
    fn is_possible(&self) -> bool {
        match self.count("meets") {
            0 => true,
            1 => self.mode == Mode::AllEnd,
            _ => false,
        }
    }

    fn run(&self) {
        let ledger = super::run(|ledger| {
            let world = Arc::new(World {
                ledger,
                threads: Arc::default(),
            });
            match self.mode {
                Mode::AllEnd => on_threads(2, async {
                    for task in self.start(&world) {
                        task.await;
                    }
                }),
                Mode::Stopped => on_threads(2, async { drop(self.start(&world)) }),
                Mode::Driven => self.drive(&world),
            }
            for thread in world.threads.lock().unwrap().drain(..) {
                thread.join().unwrap();
            }
        });
        if self.mode != Mode::Stopped && self.kinds.iter().all(|kind| kind.ends) {
            let left = ledger.count() - ledger.ended();
            // What `leaves` leaves may not have had its turn.
            let may_be_left = self.count("leaves");
            assert!(
                left <= may_be_left,
                "{left} tasks did not come to their end"
            );
        }
    }

    /// Starts them, and gives those that end.
    fn start(&self, world: &Arc<World>) -> Vec<Task<()>> {
        let tasks = self.kinds.iter();
        let tasks = tasks.map(|kind| (kind.ends, (kind.start)(world)));
        let tasks: Vec<_> = tasks.collect();
        tasks
            .into_iter()
            .filter(|(ends, _)| *ends)
            .map(|(_, task)| task)
            .collect()
    }

    /// One thread drives it until all have ended that do, the other one until a third wakes it.
    fn drive(&self, world: &Arc<World>) {
        let scheduler = Scheduler::manual();
        let tasks = scheduler.enter(|| self.start(world));
        let own = scheduler.clone();
        let drives = thread::spawn(move || {
            own.block_on(async {
                for task in tasks {
                    task.await;
                }
            });
        });
        scheduler.block_on(another_wakes(&world.threads));
        drives.join().unwrap();
    }
}

/// Parks until another thread wakes it.
async fn another_wakes(threads: &Threads) {
    another_wakes_all(&Arc::default(), 1, threads).await;
}

/// Parks until another thread wakes it, and all others of so many that park here, one after the other.
async fn another_wakes_all(parked: &std::sync::Mutex<Vec<Waker>>, count: usize, threads: &Threads) {
    let mut was_woken = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut was_woken, true) {
            return Poll::Ready(());
        }
        let mut parked = parked.lock().unwrap();
        parked.push(cx.waker().clone());
        if parked.len() == count {
            let all = std::mem::take(&mut *parked);
            let wakes = thread::spawn(move || {
                // Most of the time when everybody else is idle.
                for _ in 0..thread_rng().gen_range(0..100) {
                    thread::yield_now();
                }
                all.into_iter().for_each(Waker::wake);
            });
            threads.lock().unwrap().push(wakes);
        }
        Poll::Pending
    })
    .await;
}

struct World {
    ledger: Arc<Ledger>,
    threads: Arc<Threads>,
}

/// Those that have woken a task: one may be dropping it when the scheduler is stopped.
type Threads = std::sync::Mutex<Vec<thread::JoinHandle<()>>>;

impl World {
    fn go(&self, future: impl Future<Output = ()> + Send + 'static) -> Task<()> {
        let future = self.ledger.tracked(future);
        go!(future.await)
    }
}

fn yields(world: &Arc<World>) -> Task<()> {
    world.go(async {
        yield_now().await;
        yield_now().await;
    })
}

fn awaits(world: &Arc<World>) -> Task<()> {
    let own = Arc::clone(world);
    world.go(async move { drop(yields(&own).outcome().await) })
}

fn leaves(world: &Arc<World>) -> Task<()> {
    let own = Arc::clone(world);
    world.go(async move { drop(own.go(async {})) })
}

fn woken(world: &Arc<World>) -> Task<()> {
    let threads = Arc::clone(&world.threads);
    world.go(async move { another_wakes(&threads).await })
}

/// Two that are woken together, and then block their workers until the other one is in its turn.
fn meets(world: &Arc<World>) -> Task<()> {
    let parked = Arc::default();
    let meeting = Arc::new((Mutex::new(0), Condvar::new()));
    let two = [0, 1].map(|_| {
        let (parked, meeting) = (Arc::clone(&parked), Arc::clone(&meeting));
        let threads = Arc::clone(&world.threads);
        world.go(async move {
            another_wakes_all(&parked, 2, &threads).await;
            let (count, change) = &*meeting;
            let mut met = count.lock().unwrap();
            *met += 1;
            change.notify_all();
            while *met < 2 {
                met = change.wait(met).unwrap();
            }
        })
    });
    world.go(async move {
        for task in two {
            task.await;
        }
    })
}

/// Ready all the time.
fn busy(world: &Arc<World>) -> Task<()> {
    world.go(async {
        loop {
            yield_now().await;
        }
    })
}

/// When it is dropped it starts another one, which does too.
fn starts_as_it_goes(world: &Arc<World>) -> Task<()> {
    struct Starts(Arc<World>, usize);

    impl Drop for Starts {
        fn drop(&mut self) {
            if self.1 > 0 {
                let next = Starts(Arc::clone(&self.0), self.1 - 1);
                drop(self.0.go(async move {
                    let _next = next;
                    pending::<()>().await;
                }));
            }
        }
    }

    let starts = Starts(Arc::clone(world), 2);
    world.go(async move {
        let _starts = starts;
        pending::<()>().await;
    })
}

/// When it is dropped it wakes another one, which is parked.
fn wakes_as_it_goes(world: &Arc<World>) -> Task<()> {
    struct Wakes(Arc<std::sync::Mutex<Option<Waker>>>);

    impl Drop for Wakes {
        fn drop(&mut self) {
            let waker = self.0.lock().unwrap().take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    let parked = Arc::new(std::sync::Mutex::new(None));
    let wakes = Wakes(Arc::clone(&parked));
    drop(world.go(poll_fn(move |cx| {
        *parked.lock().unwrap() = Some(cx.waker().clone());
        Poll::Pending
    })));
    world.go(async move {
        let _wakes = wakes;
        pending::<()>().await;
    })
}
