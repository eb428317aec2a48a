//! Runs a random program to its end, and counts what became of its values.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_dsl::agent::agent;
use async_dsl::chan::Waiting;
use async_dsl::prelude::*;
use async_dsl::task::TaskError;

use super::act::{Own, Shared, act, sent};
use super::linger::lingering;
use super::program::{End, Program, Script};
use super::tally::{Tally, Value};

/// The handles by which values flow through a channel whatever the tasks do, so that none of these waits for ever.
struct Flow {
    putter: Putter<Value>,
    taker: Taker<Value>,
}

/// Both ends of a channel in the hands of the program itself, until it is about to end.
struct Channel {
    number: usize,
    end: End,
    flow: Option<Flow>,
    source: Option<Task<()>>,
    sink: Option<Task<()>>,
    /// What is asked, and taken from, at the end: neither keeps the channel from ending.
    putter: Option<Putter<Value>>,
    taker: Option<Taker<Value>>,
}

impl Channel {
    fn new(number: usize, channel: Chan<Value>, end: End) -> Self {
        let (putter, taker) = channel.split();
        let flow = Flow {
            putter: putter.clone(),
            taker: taker.clone(),
        };
        Self {
            number,
            end,
            flow: Some(flow),
            source: None,
            sink: None,
            putter: (!matches!(end, End::LastPutter)).then_some(putter),
            taker: (!matches!(end, End::LastTaker)).then_some(taker),
        }
    }

    /// Starts to put and to take all the time.
    fn flow(&mut self, all: &Arc<Shared>, stopped: &Promise<()>) {
        let Some(Flow { putter, taker }) = self.flow.take() else {
            return;
        };
        let (number, stops) = (self.number, !matches!(self.end, End::LastTaker));
        let (own, stop) = (Arc::clone(all), stopped.clone());
        self.source = Some(go!({
            while !(stops && stop.is_delivered()) {
                let result = put!(putter, own.value(), 1ms);
                if let Err(PutError::Closed(value)) = result {
                    value.handed_back();
                    break;
                }
                sent(result);
                sleep!(10us);
            }
        }));
        let (all, stopped) = (Arc::clone(all), stopped.clone());
        self.sink = Some(go!({
            if stops {
                while let Some(value) = take!(taker) {
                    all.took(number, Some(value));
                }
                return all.took(number, None);
            }
            loop {
                let taken = alt! {
                    taken = take!(taker) => taken,
                    _ = await!(stopped) => break,
                };
                let ended = taken.is_none();
                all.took(number, taken);
                if ended {
                    break;
                }
            }
        }));
    }

    fn waiting(&self) -> Waiting {
        match (&self.putter, &self.taker) {
            (Some(it), _) => it.waiting(),
            (_, Some(it)) => it.waiting(),
            _ => unreachable!("one of them is there"),
        }
    }

    /// Why somebody waits who need not, if so. It can be so for a moment.
    fn fault(&self) -> Option<&'static str> {
        let Waiting {
            takers, putters, ..
        } = self.waiting();
        let (len, capacity, closed) = match (&self.putter, &self.taker) {
            (Some(it), _) => (it.len(), it.capacity(), it.is_closed()),
            (_, Some(it)) => (it.len(), it.capacity(), it.is_closed()),
            _ => unreachable!("one of them is there"),
        };
        if takers > 0 && len > 0 {
            Some("a taker waits beside a value")
        } else if takers > 0 && putters > 0 {
            Some("a taker waits beside a putter")
        } else if putters > 0 && capacity.is_none_or(|places| len < places) {
            Some("a putter waits beside a free place")
        } else if closed && (takers, putters) != (0, 0) {
            Some("somebody waits for a channel that is closed")
        } else {
            None
        }
    }

    /// Takes what is left, and says how many values the channel discarded.
    fn finish(mut self, all: &Shared) -> u64 {
        assert_eq!(
            self.waiting(),
            Waiting::default(),
            "channel {}",
            self.number
        );
        let ended = all.ended[self.number].load(Ordering::Relaxed);
        let Some(taker) = self.taker else {
            return self.putter.take().unwrap().discarded();
        };
        for value in std::iter::from_fn(|| taker.try_take().ok()) {
            value.taken();
            assert!(!ended, "the end of channel {} was told before", self.number);
        }
        taker.discarded()
    }
}

fn start(script: &Script, mut own: Own, all: &Arc<Shared>) -> Task<()> {
    let ops = script.ops.clone();
    let all = Arc::clone(all);
    go!({
        let script = async {
            for op in ops {
                act(op, &mut own, &all).await;
                all.steps.fetch_add(1, Ordering::Relaxed);
            }
        };
        lingering(script).await;
    })
}

/// Waits until nothing has moved for a moment and nobody waits who need not. Too short a moment makes it see less, and
/// never too much.
#[linear]
async fn come_to_rest(channels: &[Channel], all: &Shared) {
    let mut fault = None;
    for _ in 0..5_000 {
        let steps = all.steps.load(Ordering::Relaxed);
        sleep!(1ms);
        fault = channels
            .iter()
            .find_map(|channel| Some((channel.number, channel.fault()?)));
        if fault.is_none() && steps == all.steps.load(Ordering::Relaxed) {
            return;
        }
    }
    panic!("nothing moves: {fault:?}");
}

/// Runs the program on the current scheduler.
///
/// Panics if somebody waits who need not, or a value is lost, or the end of a channel was told too early. If a task is
/// not woken it never ends.
#[linear]
pub(crate) async fn run(program: &Program) -> u64 {
    let tally: Arc<Tally> = Arc::default();
    let made: Vec<_> = program
        .channels
        .iter()
        .map(|(buffer, _)| buffer.make())
        .collect();
    let (resolvers, promises): (Vec<_>, Vec<_>) = program.scripts.iter().map(|_| promise()).unzip();
    let all = Arc::new(Shared {
        tally: Arc::clone(&tally),
        ended: made.iter().map(|_| AtomicBool::new(false)).collect(),
        promises,
        agent: agent(0),
        sent: AtomicU64::new(0),
        steps: AtomicU64::new(0),
        cancellers: OnceLock::new(),
    });
    let (stop, stopped) = promise();
    let tasks: Vec<_> = program
        .scripts
        .iter()
        .zip(resolvers)
        .map(|(script, resolver)| {
            let halves = made.iter().map(|c| c.clone().split());
            let (putters, takers) = halves.map(|(p, t)| (Some(p), Some(t))).unzip();
            let own = Own {
                putters,
                takers,
                resolver: Some(resolver),
            };
            start(script, own, &all)
        })
        .collect();
    let scripts = program.scripts.iter().zip(&tasks);
    let cancellers =
        scripts.map(|(script, task)| script.can_be_cancelled.then(|| task.canceller()));
    all.cancellers.set(cancellers.collect()).ok();
    let mut channels: Vec<_> = (0..)
        .zip(made)
        .zip(&program.channels)
        .map(|((number, channel), (_, end))| Channel::new(number, channel, *end))
        .collect();
    if !program.flows {
        come_to_rest(&channels, &all).await;
    }
    for channel in &mut channels {
        channel.flow(&all, &stopped);
    }
    for task in tasks {
        if let Err(TaskError::Panicked(panic)) = task.outcome().await {
            std::panic::resume_unwind(panic.into_panic());
        }
    }
    stop.deliver(());
    for channel in &mut channels {
        let first = if matches!(channel.end, End::LastTaker) {
            channel.sink.take()
        } else {
            channel.source.take()
        };
        first.unwrap().await;
        if matches!(channel.end, End::Close) {
            channel.taker.as_ref().unwrap().close();
        }
        for last in [channel.sink.take(), channel.source.take()]
            .into_iter()
            .flatten()
        {
            last.await;
        }
    }
    all.agent.settled().await.unwrap();
    assert_eq!(all.agent.get().unwrap(), all.sent.load(Ordering::Relaxed));
    let discarded: u64 = channels
        .into_iter()
        .map(|channel| channel.finish(&all))
        .sum();
    let counts = tally.counts();
    assert_eq!(
        counts.dropped, discarded,
        "lost, or not said to be discarded: {counts:?}"
    );
    assert_eq!(
        counts.made,
        counts.taken + counts.handed_back + counts.with_putter + counts.dropped,
        "{counts:?}"
    );
    counts.made
}
