//! Random programs around each function of `flow` that has a task, which is cancelled, or loses its output or its input, at a
//! random moment: each value is taken once, handed back, or counted as discarded, order is kept, and no task is left.
//!
//! Permits, watches and broadcasts have no task; `flow_shared` drops their takes. A ticker has values of its own, and the calls of
//! `pipeline_blocking` are made by threads, for which no step waits.

use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_dsl::chan::TryTakeError;
use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use futures_util::StreamExt;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Where the values of one program went. A clone is a value, too.
#[derive(Debug, Default)]
struct Tally {
    made: u64,
    taken: u64,
    handed_back: u64,
    dropped: u64,
}

type Book = Arc<Mutex<Tally>>;

struct Value {
    book: Book,
    /// The input that it was put into, and its number there.
    input: usize,
    number: u64,
    accounted: bool,
}

impl Value {
    fn new(book: &Book, input: usize, number: u64) -> Self {
        book.lock().unwrap().made += 1;
        Self {
            book: Arc::clone(book),
            input,
            number,
            accounted: false,
        }
    }

    fn account(mut self, count: impl FnOnce(&mut Tally)) {
        self.accounted = true;
        count(&mut self.book.lock().unwrap());
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        Self::new(&self.book, self.input, self.number)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if !self.accounted {
            self.book.lock().unwrap().dropped += 1;
        }
    }
}

/// An output, whatever its values are.
struct Output {
    take: Box<dyn Fn() -> Result<Vec<Value>, TryTakeError>>,
    discarded: Box<dyn Fn() -> u64>,
    /// The last number of each input.
    last: [Option<u64>; 3],
}

impl Output {
    fn new<U: 'static>(taker: Taker<U>, values: fn(U) -> Vec<Value>) -> Self {
        let taker = Rc::new(taker);
        let other = Rc::clone(&taker);
        Self {
            take: Box::new(move || taker.try_take().map(values)),
            discarded: Box::new(move || other.discarded()),
            last: [None; 3],
        }
    }

    fn one(taker: Taker<Value>) -> Self {
        Self::new(taker, |value| vec![value])
    }

    /// Takes one; checks that it comes after those before it. Returns `false` if there is none.
    fn take(&mut self, is_ordered: bool) -> Result<bool, TryTakeError> {
        let values = match (self.take)() {
            Ok(values) => values,
            Err(TryTakeError::Empty) => return Ok(false),
            Err(closed) => return Err(closed),
        };
        for value in values {
            let last = self.last[value.input].replace(value.number);
            assert!(!is_ordered || last.is_none_or(|last| last <= value.number));
            value.account(|tally| tally.taken += 1);
        }
        Ok(true)
    }
}

/// A function at work.
struct Net {
    inputs: Vec<Putter<Value>>,
    outputs: Vec<Output>,
    /// How many values one that is discarded may be.
    width: u64,
    is_ordered: bool,
    /// What it counts apart from its channels.
    counted: Box<dyn Fn() -> u64>,
    /// Does something with it.
    poke: Box<dyn FnMut(usize)>,
    /// Handles that keep it alive.
    handles: Box<dyn std::any::Any>,
}

impl Net {
    fn new(inputs: impl Into<Vec<Putter<Value>>>, outputs: impl Into<Vec<Output>>) -> Self {
        Self {
            inputs: inputs.into(),
            outputs: outputs.into(),
            width: 1,
            is_ordered: true,
            counted: Box::new(|| 0),
            poke: Box::new(drop),
            handles: Box::new(()),
        }
    }
}

/// Makes it with channels of this size.
type Make = fn(&Book, usize) -> Net;

fn input(size: usize) -> (Putter<Value>, Taker<Value>) {
    chan::fixed(size).split()
}

/// One input and one output.
fn stage(size: usize, make: impl FnOnce(Taker<Value>) -> Taker<Value>) -> Net {
    let (putter, from) = input(size);
    Net::new([putter], [Output::one(make(from))])
}

fn five(book: &Book) -> impl Iterator<Item = Value> + Send + 'static {
    let book = Arc::clone(book);
    (0..5).map(move |number| Value::new(&book, 0, number))
}

/// Lets others run, as often as its number says.
async fn pause(value: &Value) {
    for _ in 0..value.number % 3 {
        async_dsl::task::yield_now().await;
    }
}

const FUNCTIONS: &[(&str, Make)] = &[
    ("from_iter", |book, size| {
        Net::new([], [Output::one(flow::from_iter(five(book), size))])
    }),
    ("onto", |book, size| {
        let (putter, taker) = chan::fixed(size).split();
        flow::onto(putter, five(book));
        Net::new([], [Output::one(taker)])
    }),
    ("pipe", |_, size| {
        stage(size, |from| {
            let (to, taker) = chan::fixed(size).split();
            flow::pipe(from, to);
            taker
        })
    }),
    ("through", |_, size| {
        stage(size, |from| {
            flow::through(from, size, |s| s.map(|value| value))
        })
    }),
    ("merge", |_, size| {
        let ((a, from_a), (b, from_b)) = (input(size), input(size));
        Net::new([a, b], [Output::one(flow::merge([from_a, from_b], size))])
    }),
    ("split", |_, size| {
        let (putter, from) = input(size);
        let (even, odd) = flow::split(from, size, |value: &Value| value.number % 2 == 0);
        Net::new([putter], [even, odd].map(Output::one))
    }),
    ("zip", |_, size| {
        let ((a, from_a), (b, from_b)) = (input(size), input(size));
        let rows = flow::zip((from_a, from_b), size);
        let mut net = Net::new([a, b], [Output::new(rows, |(a, b)| vec![a, b])]);
        net.width = 2;
        net
    }),
    ("zip_each", |_, size| {
        let (putters, takers): (Vec<_>, Vec<_>) = (0..3).map(|_| input(size)).unzip();
        let mut net = Net::new(
            putters,
            [Output::new(flow::zip_each(takers, size), |row| row)],
        );
        net.width = 3;
        net
    }),
    ("batch", |_, size| {
        let (putter, from) = input(size);
        let batches = flow::batch(from, 3, Duration::from_millis(3));
        let mut net = Net::new([putter], [Output::new(batches, |batch| batch)]);
        net.width = 3;
        net
    }),
    ("pipeline", |_, size| {
        stage(size, |from| {
            flow::pipeline(from, 2, async |value| {
                pause(&value).await;
                [value]
            })
        })
    }),
    ("pipeline of two results", |_, size| {
        let mut net = stage(size, |from| {
            flow::pipeline(from, 2, async |value: Value| [value.clone(), value])
        });
        net.width = 2;
        net
    }),
    ("pipeline_unordered", |_, size| {
        let mut net = stage(size, |from| {
            flow::pipeline_unordered(from, 3, async |value| {
                pause(&value).await;
                Some(value)
            })
        });
        net.is_ordered = false;
        net
    }),
    ("debounce", |_, size| {
        stage(size, |from| flow::debounce(from, Duration::from_millis(2)))
    }),
    ("throttle", |_, size| {
        stage(size, |from| flow::throttle(from, Duration::from_millis(2)))
    }),
    ("mult", |_, size| {
        let (putter, from) = input(size);
        let mult = flow::mult(from);
        let taps = [mult.tap(size), mult.tap(0)].map(Output::one);
        let mut net = Net::new([putter], taps);
        net.counted = Box::new(move || mult.discarded());
        net
    }),
    ("mult without taps", |_, size| {
        let (putter, from) = input(size);
        let mult = flow::mult(from);
        let mut net = Net::new([putter], []);
        net.counted = Box::new(move || mult.discarded());
        net
    }),
    ("topics", |_, size| {
        let (putter, from) = input(size);
        let topics = flow::topics(from, |value: &Value| value.number % 3);
        let taps = [
            topics.subscribe(0, size),
            topics.subscribe(0, 0),
            topics.subscribe(1, 0),
        ];
        let mut net = Net::new([putter], taps.map(Output::one));
        net.counted = Box::new(move || topics.discarded());
        net
    }),
    ("mix", |_, size| {
        let (mix, mixed) = flow::mix(size);
        let ((a, from_a), (b, from_b)) = (input(size), input(size));
        let controls = Rc::new([mix.add(from_a), mix.add(from_b)]);
        let mut net = Net::new([a, b], [Output::one(mixed)]);
        net.handles = Box::new(mix);
        let all = Rc::clone(&controls);
        net.counted = Box::new(move || all.iter().map(flow::Input::discarded).sum());
        net.poke = Box::new(move |n| {
            let control = &controls[n % 2];
            [
                flow::Input::mute,
                flow::Input::pause,
                flow::Input::solo,
                flow::Input::play,
            ][n / 2 % 4](control);
        });
        net
    }),
];

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(usize),
    Take(usize),
    /// Each task that is ready has a turn.
    Turn,
    Time(u8),
    Poke(usize),
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// Each task is dropped where it is parked.
    Cancel,
    /// Nobody takes any more.
    NoOutput,
    /// The input ends.
    NoInput,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => any::<usize>().prop_map(Step::Put),
        4 => any::<usize>().prop_map(Step::Take),
        6 => Just(Step::Turn),
        1 => (0..4_u8).prop_map(Step::Time),
        1 => any::<usize>().prop_map(Step::Poke),
    ];
    vec(step, 0..40)
}

fn check(make: Make, size: usize, program: &[Step], end: End) -> Result<(), TestCaseError> {
    let book = Book::default();
    let scheduler = Scheduler::virtual_time();
    let mut net = scheduler.enter(|| make(&book, size));
    let mut numbers = 0..;
    for step in program {
        match *step {
            Step::Put(which) if !net.inputs.is_empty() => {
                let which = which % net.inputs.len();
                let value = Value::new(&book, which, numbers.next().unwrap());
                if let Err(refused) = net.inputs[which].try_put(value) {
                    let value = refused.into_inner();
                    value.account(|tally| tally.handed_back += 1);
                }
            }
            Step::Take(which) if !net.outputs.is_empty() => {
                let which = which % net.outputs.len();
                net.outputs[which].take(net.is_ordered).ok();
            }
            Step::Turn => drop(scheduler.run_once()),
            Step::Time(millis) => scheduler.advance(Duration::from_millis(millis.into())),
            Step::Poke(n) => (net.poke)(n),
            Step::Put(_) | Step::Take(_) => {}
        }
    }
    let Net {
        inputs,
        mut outputs,
        width,
        is_ordered,
        counted,
        mut poke,
        handles,
    } = net;
    match end {
        End::Cancel => drop((scheduler.shutdown(Duration::ZERO), handles)),
        End::NoOutput => {
            drop((outputs, handles, counted, poke));
            scheduler.advance(Duration::from_secs(1));
            prop_assert_eq!(scheduler.task_count(), 0, "it has stopped");
            prop_assert!(inputs.iter().all(Putter::is_closed), "and its inputs");
            return Ok(());
        }
        End::NoInput => {
            (6..8).for_each(&mut poke); // nothing is paused
            for putter in &inputs {
                putter.close();
            }
            drop(handles);
        }
    }
    // Whatever is left comes, and then the end.
    let mut rounds = 0;
    loop {
        let ended = outputs
            .iter_mut()
            .filter_map(|output| output.take(is_ordered).err());
        if ended.count() == outputs.len() {
            break;
        }
        scheduler.advance(Duration::from_millis(3));
        rounds += 1;
        prop_assert!(rounds < 1000, "it has no end");
    }
    scheduler.advance(Duration::from_millis(3));
    prop_assert_eq!(scheduler.task_count(), 0, "it has ended");
    let of_inputs: u64 = inputs.iter().map(Putter::discarded).sum();
    let of_outputs: u64 = outputs.iter().map(|output| (output.discarded)()).sum();
    let counted = of_outputs + counted();
    let tally = book.lock().unwrap();
    let lost = tally.dropped - of_inputs;
    prop_assert!(
        (counted..=counted * width).contains(&lost),
        "{} are lost and {} counted: {:?}",
        lost,
        counted,
        tally
    );
    prop_assert_eq!(tally.made, tally.taken + tally.handed_back + tally.dropped);
    Ok(())
}

fn check_all(end: End) {
    for (name, make) in FUNCTIONS {
        let config = ProptestConfig {
            cases: 400,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let mut runner = TestRunner::new(config);
        let ran = runner.run(&(steps(), 0..3_usize), |(program, size)| {
            check(*make, size, &program, end)
        });
        ran.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_task_that_is_dropped_loses_nothing_that_is_not_counted() {
    check_all(End::Cancel);
}

#[test]
fn a_task_ends_with_its_input_and_loses_nothing_that_is_not_counted() {
    check_all(End::NoInput);
}

#[test]
fn a_task_stops_when_nobody_takes_from_its_output() {
    check_all(End::NoOutput);
}
