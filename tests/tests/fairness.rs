//! Every task that is ready gets its turn, whatever the others do; and one that waits behind a turn that takes long is run by
//! another worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use async_dsl::prelude::*;
use async_dsl::scheduler::on_threads;
use async_dsl::task::{self, Task};

const WORKERS: [usize; 3] = [1, 2, 8];

/// Tasks that would keep a worker busy for ever.
#[derive(Clone, Default)]
struct Hogs {
    turns: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Hogs {
    /// Counts a turn. After very many the test has failed, and is to end.
    fn turn(&self) -> bool {
        let turns = self.turns.fetch_add(1, Ordering::Relaxed);
        turns < 20_000_000 && !self.over.load(Ordering::Relaxed)
    }

    /// Two that wake each other without end.
    fn talk(&self) -> [Task<()>; 2] {
        let (there, back) = (chan::fixed(1), chan::fixed(1));
        let (hogs, here) = (self.clone(), (there.clone(), back.clone()));
        let first = go!({
            while hogs.turn() && put!(here.0, ()).is_ok() && take!(here.1).is_some() {}
            here.0.close();
        });
        let second = go!({
            while take!(there).is_some() && put!(back, ()).is_ok() {}
            back.close();
        });
        [first, second]
    }

    /// One that starts a task in each of its turns, each of which yields once.
    fn start(&self) -> Task<()> {
        let hogs = self.clone();
        go!({
            while hogs.turn() {
                go!({ task::yield_now().await });
                task::yield_now().await;
            }
        })
    }
}

/// Starts both kinds of hogs, runs what it is given, and returns how many turns they had meanwhile.
async fn beside_hogs<F: Future<Output = ()>>(workers: usize, run: impl FnOnce() -> F) -> usize {
    let hogs = Hogs::default();
    let mut tasks: Vec<_> = (0..workers).flat_map(|_| hogs.talk()).collect();
    tasks.extend((0..workers).map(|_| hogs.start()));
    while hogs.turns.load(Ordering::Relaxed) < 1000 {
        task::yield_now().await;
    }
    let before = hogs.turns.load(Ordering::Relaxed);
    run().await;
    let turns = hogs.turns.load(Ordering::Relaxed) - before;
    hogs.over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await;
    }
    turns
}

/// What they may have at most: far more than on one worker, where the bounds are exact, since tasks move meanwhile.
const MANY: usize = 2_000_000;

/// Checks that what `run` does ends soon beside hogs, with each number of workers.
fn has_its_turns<F>(run: impl Fn() -> F + Copy + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    for workers in WORKERS {
        let turns = on_threads(workers, async move {
            go!({ beside_hogs(workers, run).await }).await
        });
        assert!(turns < MANY, "{workers} workers: {turns} turns");
    }
}

#[test]
fn a_task_that_yields_has_its_turns_beside_those_that_never_park() {
    has_its_turns(|| async {
        for _ in 0..100 {
            task::yield_now().await;
        }
    });
}

#[test]
fn the_task_started_first_is_not_starved_by_those_started_later() {
    has_its_turns(|| async {
        let first = go!({});
        first.await;
    });
}

#[test]
fn what_another_thread_starts_or_wakes_has_its_turn() {
    has_its_turns(|| async {
        let (there, back) = (chan::fixed::<u8>(1), chan::fixed(1));
        let echo = go!(|there, back| {
            while let Some(value) = take!(there) {
                put!(back, value).unwrap();
            }
        });
        let outside = thread::spawn(move || {
            for n in 0..10 {
                there.put_blocking(n).unwrap();
                assert_eq!(back.take_blocking(), Some(n));
            }
            there.close();
        });
        echo.await;
        outside.join().unwrap();
    });
}

/// How long two tasks waited behind a turn that took long: one that was started in it, and one that was woken.
#[allow(clippy::async_yields_async)] // a task that its starter does not wait for
fn behind_a_long_turn() -> [Duration; 2] {
    const LONG: Duration = Duration::from_millis(200);
    on_threads(2, async {
        let wakes = chan::fixed::<Instant>(1);
        let woken = go!(|wakes| take!(wakes).unwrap().elapsed());
        let long = go!({
            // So that the other is parked.
            sleep!(5ms);
            put!(wakes, Instant::now()).unwrap();
            let begin = Instant::now();
            let started = go!({ begin.elapsed() });
            while begin.elapsed() < LONG {
                std::hint::spin_loop();
            }
            started
        });
        let started = long.await;
        [started.await, woken.await]
    })
}

#[test]
fn a_task_behind_a_turn_that_takes_long_is_stolen_within_a_millisecond() {
    let mut best = [Duration::MAX; 2];
    for _ in 0..20 {
        for (best, waited) in best.iter_mut().zip(behind_a_long_turn()) {
            assert!(
                waited < Duration::from_millis(150),
                "it was not stolen, but waited {waited:?}"
            );
            *best = waited.min(*best);
        }
        if best.iter().all(|best| *best < Duration::from_millis(1)) {
            return;
        }
    }
    panic!("at best they waited {best:?}");
}

/// Main's body and a task that talk to each other need no second thread.
#[test]
fn the_thread_that_waits_runs_the_task_it_talks_to() {
    const ROUNDS: usize = 1000;
    let here = thread::current().id();
    let on_this_thread = async_dsl::block_on(async_block!({
        let (there, back) = (chan::fixed::<()>(1), chan::fixed(1));
        let echo = go!(|there, back| {
            while take!(there).is_some() {
                put!(back, thread::current().id()).unwrap();
            }
        });
        let mut count = 0;
        for _ in 0..ROUNDS {
            put!(there, ()).unwrap();
            count += usize::from(take!(back) == Some(here));
        }
        there.close();
        echo.await;
        count
    }));
    assert!(on_this_thread > ROUNDS / 2, "{on_this_thread}");
}

#[test]
fn the_thread_that_waits_for_a_task_runs_it() {
    const ROUNDS: usize = 1000;
    let here = thread::current().id();
    let on_this_thread = async_dsl::block_on(async {
        let mut count = 0;
        for _ in 0..ROUNDS {
            count += usize::from(go!({ thread::current().id() }).await == here);
        }
        count
    });
    assert!(on_this_thread > ROUNDS / 2, "{on_this_thread}");
}

/// Else a task that never parks would keep the thread for ever.
#[test]
fn a_task_that_is_not_waited_for_does_not_begin_on_the_thread_that_waits() {
    let here = thread::current().id();
    async_dsl::block_on(async_block!({
        go!({}).await; // the scheduler has begun
        for _ in 0..100 {
            let result = chan::fixed(1);
            go!(|result| put!(result, thread::current().id()).unwrap());
            assert_ne!(take!(result), Some(here));
        }
    }));
}

/// A future that was given to a `block_on` ends while its thread's part of the queue is not empty.
#[test]
fn what_a_thread_has_woken_as_it_ends_its_wait_is_run_all_the_same() {
    for _ in 0..200 {
        let (given, taken) = (chan::fixed(1), chan::fixed(1));
        async_dsl::block_on(async_block!(|taken| {
            go!(|given, taken| {
                let value = take!(given).unwrap();
                put!(taken, value).unwrap();
            });
            let ready = go!({});
            ready.await;
            put!(given, 7).unwrap();
        }));
        assert_eq!(taken.take_blocking(), Some(7));
    }
}
