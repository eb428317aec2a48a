//! Each function of `flow` that has a task.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_dsl::flow::{self, Broadcast};
use async_dsl::prelude::*;
use futures_util::StreamExt;

use super::End;
use super::net::{Book, Net, Output, Value};

/// Makes it with channels of this size.
pub(super) type Make = fn(&Book, usize) -> Net;

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

/// Closes a broadcast with the task that puts into it.
struct Closes(Broadcast<Value>);

impl Drop for Closes {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What a take is after one poll, at which it is dropped.
fn polled<F: Future>(take: F) -> Poll<F::Output> {
    pin!(take).poll(&mut Context::from_waker(Waker::noop()))
}

pub(super) const FUNCTIONS: &[(&str, Make)] = &[
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
    ("pipeline_blocking", |_, size| {
        let mut net = stage(size, |from| {
            flow::pipeline_blocking(from, 2, |value| {
                for _ in 0..value.number % 3 {
                    std::thread::yield_now();
                }
                [value]
            })
        });
        net.has_threads = true;
        net
    }),
    ("ticker", |_, _| {
        let ticks = flow::ticker(Duration::from_millis(1));
        let mut output = Output::new(ticks, |_| Vec::new());
        output.discarded = Box::new(|| 0); // those that it skips are no values of ours
        let mut net = Net::new([], [output]);
        net.never = Some(End::NoInput);
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
    ("broadcast", |_, size| {
        let (putter, from) = input(size);
        let news = flow::broadcast(size + 1);
        let subscribers = [(); 2].map(|()| Rc::new(news.subscribe()));
        let puts = Closes(news.clone());
        go!({
            while let Some(value) = take!(from) {
                puts.0.put(value).ok();
            }
        });
        let [one, other] = subscribers.clone();
        let outputs = [
            Output::subscriber(one, Some(news)),
            Output::subscriber(other, None),
        ];
        let mut net = Net::new([putter], outputs);
        net.poke = Box::new(move |n| {
            if let Poll::Ready(Some(Ok(value))) =
                polled(flow::Subscriber::take(&subscribers[n % 2]))
            {
                value.account(|tally| tally.taken += 1);
            }
        });
        net.never = Some(End::NoOutput);
        net
    }),
    ("permits", |_, size| {
        let (putter, from) = input(size);
        let (out, taker) = chan::fixed(size + 1).split(); // a reservation meets no take that does not park
        let permits = flow::permits(2);
        for _ in 0..3 {
            go!(|permits, from, out| {
                // What parks has nothing in hand.
                loop {
                    let (_permit, place) = (take!(permits), out.reserve().await);
                    let Some(value) = take!(from) else { break };
                    place.put(value).ok();
                    yield_now!();
                }
            });
        }
        drop((from, out));
        let mut net = Net::new([putter], [Output::one(taker)]);
        net.is_ordered = false;
        let all = permits.clone();
        net.poke = Box::new(move |_| drop(polled(flow::Permits::take(&all))));
        net.audit = Box::new(move || assert_eq!(permits.available(), 2));
        net.never = Some(End::NoOutput);
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
