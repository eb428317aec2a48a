//! Random programs: what the seed says, and nothing else, decides.

use std::ops::Range;
use std::time::Duration;

use async_dsl::prelude::*;

use super::tally::Value;

/// Splitmix64, so that a seed means the same on every machine and in every version.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn within(&mut self, range: Range<usize>) -> usize {
        let width = u64::try_from(range.len()).unwrap();
        range.start + usize::try_from(self.next() % width).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.within(0..n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.within(0..from.len())]
    }

    /// Some time up to a fraction of a millisecond, often none.
    fn moment(&mut self) -> Duration {
        let most = self.pick(&[1, 50, 300]);
        Duration::from_micros(self.within(0..most).try_into().unwrap())
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Buffer {
    Rendezvous,
    Fixed(usize),
    Unbounded,
    Dropping(usize),
    Sliding(usize),
    /// One of the user's own: the last one first.
    Own(usize),
}

/// First in, last out.
struct Stack {
    values: Vec<Value>,
    places: usize,
}

impl chan::Buffer<Value> for Stack {
    fn push(&mut self, value: Value) -> Option<Value> {
        self.values.push(value);
        None
    }

    fn pop(&mut self) -> Option<Value> {
        self.values.pop()
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn is_full(&self) -> bool {
        self.values.len() >= self.places
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.places)
    }
}

impl Buffer {
    pub(crate) fn make(self) -> Chan<Value> {
        match self {
            Self::Rendezvous => chan::fixed(0),
            Self::Fixed(places) => chan::fixed(places),
            Self::Unbounded => chan(),
            Self::Dropping(places) => chan::dropping(places),
            Self::Sliding(places) => chan::sliding(places),
            Self::Own(places) => chan::with(Stack {
                values: Vec::new(),
                places,
            }),
        }
    }
}

/// How a channel ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// Somebody closes it.
    Close,
    /// Its last putter goes.
    LastPutter,
    /// Its last taker goes.
    LastTaker,
}

/// What a task does while it holds something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pause {
    Not,
    Yield,
    Sleep(Duration),
}

/// An operation, on channels and promises by their numbers. Two channels are different ones.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Put(usize),
    PutFor(usize, Duration),
    TryPut(usize),
    Take(usize),
    TakeFor(usize, Duration),
    TryTake(usize),
    /// Reserves a place, and uses it after a pause.
    Fill(usize, Pause),
    /// Reserves a place, and gives it up after a pause.
    GiveUp(usize, Pause),
    AltTake(usize),
    AltPut(usize),
    AltTakes(usize, usize),
    AltPuts(usize, usize),
    /// Puts into the first, or takes from the second.
    AltBoth(usize, usize),
    AltDefault(usize, usize),
    AltTimer(usize, usize, Duration),
    /// Takes from the channel, or has the promise.
    AltPromise(usize, usize),
    /// Takes from any.
    Alts,
    AltsPut,
    /// Starts a task that puts in an `alt!` and cancels it after a pause; awaits that or not.
    CancelledPut(usize, Pause, bool),
    /// The same with one that takes, and gives what it took.
    CancelledTake(usize, Pause),
    /// Awaits a task that takes, and gives what it took.
    AwaitedTake(usize),
    /// Cancels another of the tasks.
    Cancel(usize),
    Await(usize),
    Deliver,
    /// Sends an action to the agent, which pauses.
    Send(Pause),
    Close(usize),
    DropPutter(usize),
    DropTaker(usize),
    Rest(Pause),
}

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) ops: Vec<Op>,
    pub(crate) can_be_cancelled: bool,
}

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) channels: Vec<(Buffer, End)>,
    pub(crate) scripts: Vec<Script>,
    /// Whether values flow from the start, or only once the tasks have come to rest.
    pub(crate) flows: bool,
}

impl Program {
    pub(crate) fn new(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let channels: Vec<_> = (0..random.within(1..4))
            .map(|_| {
                let buffer = match random.within(0..11) {
                    0..5 => Buffer::Rendezvous,
                    5 | 6 => Buffer::Fixed(random.within(1..4)),
                    7 => Buffer::Unbounded,
                    8 => Buffer::Dropping(random.within(1..3)),
                    9 => Buffer::Sliding(random.within(1..3)),
                    _ => Buffer::Own(random.within(1..3)),
                };
                let end = random.pick(&[End::Close, End::LastPutter, End::LastTaker]);
                (buffer, end)
            })
            .collect();
        // Few kinds of operation in a program: what a fault needs meets more often.
        let kinds: Vec<usize> = (0..random.within(1..7))
            .map(|_| random.within(0..KINDS))
            .collect();
        let tasks = random.within(2..7);
        let scripts = (0..tasks)
            .map(|task| {
                let can_be_cancelled = random.one_in(2);
                let ops = (0..random.within(1..12))
                    .map(|_| {
                        let kind = random.pick(&kinds);
                        op(random, kind, channels.len(), task, tasks)
                    })
                    .filter(|op| !(can_be_cancelled && op.gives_a_value()))
                    .collect();
                Script {
                    ops,
                    can_be_cancelled,
                }
            })
            .collect();
        let flows = random.one_in(2);
        Self {
            channels,
            scripts,
            flows,
        }
    }
}

impl Op {
    /// Whether a value passes through the output of a task, where it is lost with who awaits that.
    fn gives_a_value(self) -> bool {
        matches!(self, Self::CancelledTake(..) | Self::AwaitedTake(_))
    }
}

const KINDS: usize = 36;

fn op(random: &mut Random, kind: usize, channels: usize, task: usize, tasks: usize) -> Op {
    let one = random.within(0..channels);
    let other = (one + 1) % channels;
    let two = channels > 1;
    let pause = match random.within(0..4) {
        0 | 1 => Pause::Not,
        2 => Pause::Yield,
        _ => Pause::Sleep(random.moment()),
    };
    // Promises are delivered by the tasks before, so that none waits for one that waits for it.
    let promise = (task > 0).then(|| random.within(0..task.max(1)));
    match (kind, promise) {
        (0 | 1, _) => Op::Put(one),
        (2, _) => Op::PutFor(one, random.moment()),
        (3, _) => Op::TryPut(one),
        (4 | 5, _) => Op::Take(one),
        (6, _) => Op::TakeFor(one, random.moment()),
        (7, _) => Op::TryTake(one),
        (8, _) => Op::Fill(one, pause),
        (9, _) => Op::GiveUp(one, pause),
        (10 | 11, _) => Op::AltTake(one),
        (12, _) => Op::AltPut(one),
        (13 | 14, _) if two => Op::AltTakes(one, other),
        (15, _) if two => Op::AltPuts(one, other),
        (16 | 17, _) if two => Op::AltBoth(one, other),
        (18, _) if two => Op::AltDefault(one, other),
        (19, _) if two => Op::AltTimer(one, other, random.moment()),
        (20, Some(promise)) => Op::AltPromise(one, promise),
        (21, _) => Op::Alts,
        (22, _) => Op::AltsPut,
        (23 | 24 | 34 | 35, _) => Op::CancelledPut(one, pause, random.one_in(2)),
        (25, _) => Op::CancelledTake(one, pause),
        (26, _) => Op::AwaitedTake(one),
        (27, _) => Op::Cancel(random.within(0..tasks)),
        (28, Some(promise)) => Op::Await(promise),
        (29, _) => Op::Deliver,
        (30, _) => Op::Send(pause),
        (31, _) if random.one_in(4) => Op::Close(one),
        (32, _) if random.one_in(2) => Op::DropPutter(one),
        (32, _) => Op::DropTaker(one),
        _ => Op::Rest(pause),
    }
}
