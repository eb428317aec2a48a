//! What is put is taken once, whole and in order, wherever operations are dropped.

use std::collections::VecDeque;

use async_dsl::net::{Conn, Lines, tcp, unix};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use futures_lite::future::poll_once;
use proptest::collection::vec;
use proptest::prelude::*;

/// What is done next, and after how many polls it is given up.
#[derive(Clone, Debug)]
enum Step {
    /// A put of a line of this length.
    Put(usize, usize),
    /// A put with a time limit of 0.
    PutFor(usize),
    /// A put through a reservation.
    Reserve(usize, usize),
    Take(usize),
    /// An `alt!` of a take and a put, in this order or the other.
    Alt(bool, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let len = lengths();
    let step = prop_oneof![
        3 => (len.clone(), 0usize..4).prop_map(|(len, polls)| Step::Put(len, polls)),
        1 => len.clone().prop_map(Step::PutFor),
        1 => (len.clone(), 0usize..4).prop_map(|(len, polls)| Step::Reserve(len, polls)),
        4 => (0usize..4).prop_map(Step::Take),
        1 => (any::<bool>(), len).prop_map(|(first, len)| Step::Alt(first, len)),
    ];
    vec(step, 1..60)
}

/// Short lines, and some that no socket takes at once.
fn lengths() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![4 => 0usize..200, 1 => 100_000usize..400_000]
}

/// What was put: surely, or perhaps, because the put was given up.
#[derive(Default)]
struct Sent(VecDeque<(u32, bool)>);

impl Sent {
    /// The line was taken: those before it that were not may only be ones that were given up.
    fn taken(&mut self, line: &str) {
        let (number, rest) = line.split_once(' ').unwrap();
        let number: u32 = number.parse().unwrap();
        let len: usize = rest.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(rest.split_once(' ').unwrap().1.len(), len, "a torn line");
        loop {
            let (next, surely) = self
                .0
                .pop_front()
                .expect("a line that was not put, or twice");
            if next == number {
                return;
            }
            assert!(!surely, "line {next} was lost");
        }
    }
}

fn line(number: u32, len: usize) -> String {
    format!("{number} {len} {}", "x".repeat(len))
}

/// Polls so many times, with a look at the reactor in between; gives up then.
async fn poll_times<F: Future + Unpin>(mut future: F, times: usize) -> Option<F::Output> {
    for _ in 0..times {
        if let Some(output) = poll_once(&mut future).await {
            return Some(output);
        }
        futures_lite::future::yield_now().await;
    }
    None
}

#[linear]
async fn run(steps: Vec<Step>, one: Conn<Lines>, other: Conn<Lines>) {
    let mut sent = Sent::default();
    let mut number = 0;
    for step in steps {
        number += 1;
        match step {
            Step::Put(len, polls) => {
                let done = poll_times(one.put(line(number, len)), polls).await;
                // Given up it may be under way, unless it was never polled.
                if polls > 0 {
                    sent.0
                        .push_back((number, done.map(Result::unwrap).is_some()));
                }
            }
            Step::PutFor(len) => match put!(one, line(number, len), 0ms) {
                Ok(()) => sent.0.push_back((number, true)),
                Err(error) => {
                    if error.into_value().is_none() {
                        // Begun: it goes out whole.
                        sent.0.push_back((number, true));
                    }
                }
            },
            Step::Reserve(len, polls) => {
                if let Some(permit) = poll_times(one.reserve(), polls).await {
                    if len % 5 != 0 {
                        permit.put(line(number, len)).unwrap();
                        sent.0.push_back((number, true));
                    }
                }
            }
            Step::Take(polls) => {
                if let Some(taken) = poll_times(other.take(), polls).await {
                    sent.taken(&taken.unwrap().unwrap());
                }
            }
            Step::Alt(first, len) => alt! {
                taken = take!(other), if first => sent.taken(&taken.unwrap().unwrap()),
                done = put!(one, line(number, len)) => {
                    done.unwrap();
                    sent.0.push_back((number, true));
                }
                taken = take!(other), if !first => sent.taken(&taken.unwrap().unwrap()),
                default => {}
            },
        }
    }
    // What was accepted comes, and nothing else.
    drop(one);
    while let Some(taken) = take!(other) {
        sent.taken(&taken.unwrap());
    }
    assert!(sent.0.iter().all(|(_, surely)| !surely), "a line was lost");
}

fn lines(conn: Conn) -> Conn<Lines> {
    conn.framed(Lines::new().max(1_000_000))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn over_a_unix_socket(steps in steps()) {
        Scheduler::manual().block_on(async_block!({
            let (one, other) = unix::pair().unwrap();
            run(steps, lines(one), lines(other)).await;
        }));
    }

    #[test]
    fn over_tcp(steps in steps()) {
        Scheduler::manual().block_on(async_block!({
            let listener = tcp::listen(0).await.unwrap();
            let one = tcp::connect(listener.local_addr().unwrap()).await.unwrap();
            let other = listener.accept().await.unwrap();
            run(steps, lines(one), lines(other)).await;
        }));
    }
}

/// Tasks put and take on both ends of one connection, and are cancelled wherever they are.
fn with_cancelled_tasks(one: Conn<Lines>, other: Conn<Lines>) {
    const PUTTERS: u32 = 4;
    const EACH: u32 = 300;
    async_dsl::block_on(async_block!({
        let received = chan::<String>();
        let putters: Vec<Task<Vec<u32>>> = (0..PUTTERS)
            .map(|putter| {
                go!(|one| {
                    let mut unsure = Vec::new();
                    for number in putter * EACH..(putter + 1) * EACH {
                        let line = line(number, number as usize * 37 % 20_000);
                        let is_sure = match number % 4 {
                            0 => put!(one, line, 1ms).is_ok(),
                            1 => alt! {
                                done = put!(one, line) => { done.unwrap(); true }
                                sleep!(1ms) => false,
                            },
                            2 => timeout!(1ms, { put!(one, line) }).is_ok_and(|put| put.is_ok()),
                            _ => put!(one, line).is_ok(),
                        };
                        if !is_sure {
                            unsure.push(number);
                        }
                    }
                    unsure
                })
            })
            .collect();
        let stop = chan::<()>();
        let takers: Vec<Task<()>> = (0..3)
            .map(|n: u64| {
                go!(|other, received, stop| {
                    let time = std::time::Duration::from_micros(300 * (n + 1));
                    while !stop.is_closed() {
                        let taker = go!(|other, received| {
                            while let Some(line) = take!(other) {
                                // In the same poll: a cancelled taker loses none.
                                received.try_put(line.unwrap()).unwrap();
                            }
                        });
                        sleep!(time);
                        taker.cancel().await;
                    }
                })
            })
            .collect();
        let mut unsure = Vec::new();
        for putter in putters {
            unsure.extend(putter.await);
        }
        drop(one);
        stop.close();
        for taker in takers {
            taker.await;
        }
        while let Some(line) = take!(other) {
            received.try_put(line.unwrap()).unwrap();
        }
        let mut seen = std::collections::BTreeSet::new();
        while let Ok(line) = received.try_take() {
            let (number, rest) = line.split_once(' ').unwrap();
            let number: u32 = number.parse().unwrap();
            assert_eq!(
                line,
                self::line(number, number as usize * 37 % 20_000),
                "torn: {rest}"
            );
            assert!(seen.insert(number), "{number} came twice");
        }
        let lost: Vec<u32> = (0..PUTTERS * EACH)
            .filter(|number| !seen.contains(number) && !unsure.contains(number))
            .collect();
        assert!(lost.is_empty(), "{lost:?} were lost");
    }));
}

#[test]
fn tasks_that_are_cancelled_lose_and_tear_nothing() {
    let (one, other) = unix::pair().unwrap();
    with_cancelled_tasks(lines(one), lines(other));
    let (one, other) = async_dsl::block_on(async {
        let listener = tcp::listen(0).await.unwrap();
        let one = tcp::connect(listener.local_addr().unwrap()).await.unwrap();
        (one, listener.accept().await.unwrap())
    });
    with_cancelled_tasks(lines(one), lines(other));
}
