//! Random programs, by the search and by brute force: what they can end with is the same.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_dsl::alt::{Operation, awaiting};
use async_dsl::prelude::*;
use async_dsl::promise::{Promise, SharedResolver};
use async_dsl::sim;
use async_dsl::task::{Canceller, yield_now};
use async_dsl::time::{sleep, timeout};

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Put(usize),
    Take(usize),
    TryPut(usize),
    TryTake(usize),
    Len(usize),
    IsClosed(usize),
    Close(usize),
    /// The first of both that can be done.
    Takes(usize, usize),
    /// A put into the first, or a take from the second.
    PutOrTake(usize, usize),
    TakeOrDefault(usize, usize),
    TakeFor(usize),
    Sleep(u64),
    Cancel(usize),
    IsFinished(usize),
    Join(usize),
    Deliver,
    Await,
    TakeOrPromise(usize),
    DropPutter(usize),
    DropTaker(usize),
    Yield,
    Reserve(usize),
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Unbounded,
    Rendezvous,
    Fixed,
    Fixed2,
    Dropping,
    Sliding,
}

#[derive(Clone, Debug)]
struct Program {
    kinds: Vec<Kind>,
    tasks: Vec<Vec<Op>>,
}

/// What was seen, by task; compared once the run is over.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Vec<String>>>>);

impl Log {
    fn add(&self, task: usize, text: impl fmt::Debug) {
        let mut all = self.0.lock().unwrap();
        if all.len() <= task {
            all.resize(task + 1, Vec::new());
        }
        all[task].push(format!("{text:?}"));
    }

    fn text(&self) -> String {
        format!("{:?}", self.0.lock().unwrap())
    }
}

impl PartialEq for Log {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Log {}

impl PartialOrd for Log {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Log {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text().cmp(&other.text())
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

fn make(kind: Kind) -> Chan<u32> {
    match kind {
        Kind::Unbounded => chan(),
        Kind::Rendezvous => chan::fixed(0),
        Kind::Fixed => chan::fixed(1),
        Kind::Fixed2 => chan::fixed(2),
        Kind::Dropping => chan::dropping(1),
        Kind::Sliding => chan::sliding(1),
    }
}

struct Actor {
    number: usize,
    putters: Vec<Option<Putter<u32>>>,
    takers: Vec<Option<Taker<u32>>>,
    others: Vec<Arc<Task<()>>>,
    cancellers: Vec<Canceller>,
    resolver: Option<SharedResolver<u32>>,
    promise: Promise<u32>,
    log: Log,
}

impl Actor {
    async fn run(mut self, ops: Vec<Op>) {
        for (index, op) in ops.into_iter().enumerate() {
            let value = u32::try_from(self.number * 10 + index).unwrap();
            self.act(op, value).await;
        }
    }

    fn ends(&self, c: usize) -> Option<(&Putter<u32>, &Taker<u32>)> {
        self.putters[c].as_ref().zip(self.takers[c].as_ref())
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each kind of operation")]
    async fn act(&mut self, op: Op, value: u32) {
        let (me, log) = (self.number, self.log.clone());
        match op {
            Op::Put(c) => {
                if let Some(putter) = &self.putters[c] {
                    log.add(me, putter.put(value).await);
                }
            }
            Op::Take(c) => {
                if let Some(taker) = &self.takers[c] {
                    log.add(me, taker.take().await);
                }
            }
            Op::TryPut(c) => {
                if let Some(putter) = &self.putters[c] {
                    log.add(me, putter.try_put(value));
                }
            }
            Op::TryTake(c) => {
                if let Some(taker) = &self.takers[c] {
                    log.add(me, taker.try_take());
                }
            }
            Op::Len(c) => {
                if let Some(taker) = &self.takers[c] {
                    log.add(me, taker.len());
                }
            }
            Op::IsClosed(c) => {
                if let Some(taker) = &self.takers[c] {
                    log.add(me, taker.is_closed());
                }
            }
            Op::Close(c) => {
                if let Some(putter) = &self.putters[c] {
                    log.add(me, putter.close());
                }
            }
            Op::Takes(a, b) => {
                if let (Some(one), Some(other)) = (&self.takers[a], &self.takers[b]) {
                    log.add(me, alts([one.take(), other.take()]).await);
                }
            }
            Op::PutOrTake(a, b) => {
                if let (Some((putter, _)), Some((_, taker))) = (self.ends(a), self.ends(b)) {
                    let got = async_block!({
                        alt! {
                            sent = put!(putter, value) => format!("{sent:?}"),
                            got = take!(taker) => format!("{got:?}"),
                        }
                    });
                    log.add(me, got.await);
                }
            }
            Op::TakeOrDefault(a, b) => {
                if let (Some(one), Some(other)) = (&self.takers[a], &self.takers[b]) {
                    let got = async_block!({
                        alt! {
                            got = take!(one) => format!("{got:?}"),
                            got = take!(other) => format!("{got:?}"),
                            default => String::from("default"),
                        }
                    });
                    log.add(me, got.await);
                }
            }
            Op::TakeFor(c) => {
                if let Some(taker) = &self.takers[c] {
                    log.add(
                        me,
                        timeout(Duration::from_millis(1), taker.take()).await.ok(),
                    );
                }
            }
            Op::Sleep(time) => sleep(Duration::from_millis(time)).await,
            Op::Cancel(task) => {
                if let Some(other) = self.cancellers.get(task) {
                    other.cancel();
                }
            }
            Op::IsFinished(task) => {
                if let Some(other) = self.others.get(task) {
                    log.add(me, other.is_finished());
                }
            }
            Op::Join(task) => {
                // That of a task that panics, because it is cancelled, is another's.
                if let Some(other) = self.others.get(task) {
                    while !other.is_finished() {
                        yield_now().await;
                    }
                    log.add(me, "joined");
                }
            }
            Op::Deliver => {
                if let Some(resolver) = self.resolver.take() {
                    log.add(me, resolver.deliver(value));
                }
            }
            Op::Await => {
                log.add(me, (&self.promise).await.ok());
            }
            Op::TakeOrPromise(c) => {
                if let Some(taker) = &self.takers[c] {
                    let promise = &self.promise;
                    let got = async_block!({
                        alt! {
                            got = take!(taker) => format!("{got:?}"),
                            got = await!(promise) => format!("{:?}", got.ok()),
                        }
                    });
                    log.add(me, got.await);
                }
            }
            Op::DropPutter(c) => self.putters[c] = None,
            Op::DropTaker(c) => self.takers[c] = None,
            Op::Yield => yield_now().await,
            Op::Reserve(c) => {
                if let Some(putter) = &self.putters[c] {
                    log.add(me, putter.reserve().await.put(value));
                }
            }
        }
    }
}

/// What is checked by hand: that a wait by reference is an operation.
#[allow(dead_code)]
fn is_operation(task: &Task<()>) -> impl Operation + '_ {
    awaiting(task)
}

async fn run(program: &Program) -> Log {
    let log = Log::default();
    let (resolver, promise) = promise::<u32>();
    let resolver = resolver.share();
    let ends: Vec<_> = program
        .kinds
        .iter()
        .map(|kind| make(*kind).split())
        .collect();
    let spare: Vec<_> = ends.iter().map(|(_, taker)| taker.clone()).collect();
    let (mut others, mut cancellers) = (Vec::new(), Vec::new());
    for (number, ops) in program.tasks.iter().enumerate() {
        let actor = Actor {
            number,
            putters: ends
                .iter()
                .map(|(putter, _)| Some(putter.clone()))
                .collect(),
            takers: ends.iter().map(|(_, taker)| Some(taker.clone())).collect(),
            others: others.clone(),
            cancellers: cancellers.clone(),
            resolver: Some(resolver.clone()),
            promise: promise.clone(),
            log: log.clone(),
        };
        let task = Scheduler::spawn_here(actor.run(ops.clone()));
        cancellers.push(task.canceller());
        others.push(Arc::new(task));
    }
    drop((resolver, promise, ends));
    sleep(Duration::from_millis(10)).await;
    let end = program.tasks.len();
    for task in &others {
        log.add(end, task.is_finished());
    }
    for taker in &spare {
        log.add(end, (taker.drain(), taker.is_closed()));
    }
    log
}

/// Starts a task on the current scheduler.
trait Here {
    fn spawn_here<F>(future: F) -> Task<F::Output>
    where
        F: Future<Output: Send> + Send + 'static;
}

use async_dsl::scheduler::Scheduler;

impl Here for Scheduler {
    fn spawn_here<F>(future: F) -> Task<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        go!({ future.await })
    }
}

struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}

fn op(rng: &mut Rng, task: usize, rich: usize) -> Op {
    let c = rng.below(2);
    let d = rng.below(2);
    let other = rng.below(task.max(1));
    let words = [Op::Put(c), Op::Take(c), Op::Put(c), Op::Take(c)];
    match (rich, rng.below(24)) {
        (_, n @ 0..=3) => words[n],
        (1, 4..=9) => [Op::TakeFor(c), Op::Sleep(1), Op::Cancel(other)][rng.below(3)],
        (2, 4..=9) => [Op::DropPutter(c), Op::DropTaker(c), Op::Close(c)][rng.below(3)],
        (3, 4..=9) => [Op::Deliver, Op::Await, Op::TakeOrPromise(c)][rng.below(3)],
        (4, 4..=12) => [
            Op::Takes(c, d),
            Op::PutOrTake(c, d),
            Op::Put(c),
            Op::Take(c),
        ][rng.below(4)],
        (5, 4..=9) => [Op::TryTake(c), Op::TryPut(c), Op::Len(c), Op::IsClosed(c)][rng.below(4)],
        (_, 4) => Op::TryPut(c),
        (_, 5) => Op::TryTake(c),
        (_, 6) => Op::Len(c),
        (_, 7) => Op::IsClosed(c),
        (_, 8) => Op::Close(c),
        (_, 9) => Op::Takes(c, d),
        (_, 10) => Op::PutOrTake(c, d),
        (_, 11) => Op::TakeOrDefault(c, d),
        (_, 12) => Op::TakeFor(c),
        (_, 13) => Op::Sleep(1),
        (_, 14) => Op::Cancel(other),
        (_, 15) => Op::IsFinished(other),
        (_, 16) => Op::Join(other),
        (_, 17) => Op::Deliver,
        (_, 18) => Op::Await,
        (_, 19) => Op::TakeOrPromise(c),
        (_, 20) => Op::DropPutter(c),
        (_, 21) => Op::DropTaker(c),
        (_, 22) => Op::Yield,
        _ => Op::Reserve(c),
    }
}

const SHAPES: [&[usize]; 8] = [
    &[2, 2],
    &[3, 2],
    &[1, 1, 1],
    &[2, 1, 1],
    &[1, 2, 1],
    &[3, 3],
    &[1, 1, 2],
    &[2, 3],
];

fn program(seed: u64) -> Program {
    let mut rng = Rng(seed);
    let kinds = [
        Kind::Unbounded,
        Kind::Rendezvous,
        Kind::Fixed,
        Kind::Fixed,
        Kind::Fixed2,
        Kind::Dropping,
        Kind::Sliding,
    ];
    let rich = rng.below(7);
    let shape = SHAPES[rng.below(SHAPES.len())];
    Program {
        kinds: (0..2).map(|_| kinds[rng.below(kinds.len())]).collect(),
        tasks: shape
            .iter()
            .enumerate()
            .map(|(task, ops)| (0..*ops).map(|_| op(&mut rng, task, rich)).collect())
            .collect(),
    }
}

/// The outcomes, failures among them, and the numbers of runs.
fn explore(program: &Program, most: u64, reduces: bool) -> (BTreeSet<String>, u64, u64, bool) {
    let all = sim::outcomes_by(|| run(program), most, reduces);
    let mut texts: BTreeSet<String> = all.iter().map(|(log, _)| log.text()).collect();
    texts.extend(all.failures().iter().map(|(cause, _)| cause.to_string()));
    (texts, all.schedules(), all.redundant(), all.is_whole())
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn random_programs_end_as_by_brute_force() {
    let first = number("ASYNC_DSL_EXPLORE_SEED", 1);
    let count = number("ASYNC_DSL_EXPLORE_PROGRAMS", 40);
    let most = number("ASYNC_DSL_EXPLORE_MOST", 1_000);
    let (mut runs, mut cut, mut brute, mut lost, mut skipped) = (0, 0, 0, 0, 0);
    for seed in first..first + count {
        let program = program(seed);
        let (all, every, _, is_whole) = explore(&program, most, false);
        if !is_whole {
            skipped += 1;
            continue;
        }
        brute += every;
        let (found, some, redundant, _) = explore(&program, u64::MAX, true);
        runs += some;
        cut += redundant;
        if found != all {
            lost += 1;
            if lost <= number("ASYNC_DSL_EXPLORE_SHOW", 3) {
                println!("{seed}: {program:?}\n {some} of {every} runs");
                for missing in all.difference(&found) {
                    println!("  lost: {missing}");
                }
                for more in found.difference(&all) {
                    println!("  more: {more}");
                }
            }
        }
    }
    println!(
        "{count} programs, {skipped} skipped, {brute} runs by brute force, {runs} and {cut} cut by the search, {lost} lost"
    );
    assert_eq!(lost, 0);
}
