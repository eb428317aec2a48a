//! `alt!`: exactly one operation happens, and nothing else does.

use async_dsl::alt::NoOperations;
use async_dsl::chan::Take;
use async_dsl::prelude::*;
use async_dsl_tests::takers_parked;

const ROUNDS: u32 = 10_000;

// A31
#[async_dsl::test(seed = 0)]
async fn a_put_to_a_closed_channel_wins_over_an_open_take_and_leaves_nothing_behind() {
    let (open, closed) = (chan::<u32>(), chan::fixed(1));
    closed.close();
    for n in 0..ROUNDS {
        let result = alt! {
            biased;
            _ = take!(open) => unreachable!("nothing is put"),
            sent = put!(closed, n) => sent,
        };
        assert_eq!(result, Err(Closed(n)));
        assert_eq!(open.waiting(), chan::Waiting::default());
    }
}

// A32
#[async_dsl::test]
async fn alts_of_nothing_is_an_error() {
    let none: Vec<Take<'_, u32>> = Vec::new();
    assert_eq!(alts(none).await, Err(NoOperations));
}

// X2
#[async_dsl::test]
async fn default_wins_only_if_nothing_is_ready() {
    let c = chan::fixed(1);
    for full in [false, true] {
        if full {
            c.try_put(1).unwrap();
        }
        let took = alt! {
            value = take!(c) => value,
            default => None,
        };
        assert_eq!(took, full.then_some(1));
    }
}

// X4
#[async_dsl::test(seed = 0)]
async fn losing_arms_leave_no_waiter() {
    let (quiet, busy) = (chan::<u32>(), chan::fixed(0));
    go!(|busy| {
        for n in 0..1024_u32 {
            put!(busy, n).unwrap();
        }
    });
    for n in 0..1024 {
        let value = alt! {
            _ = take!(quiet) => None,
            value = take!(busy) => value,
        };
        assert_eq!(value, Some(n));
        assert_eq!(quiet.waiting(), chan::Waiting::default());
    }
}

// X7
#[async_dsl::test]
async fn a_put_arm_and_a_take_arm_meet_on_a_rendezvous() {
    let (c, never) = (chan::fixed(0), chan::<u32>());
    let putter = go!(|c, never| {
        alt! {
            sent = put!(c, 7) => sent.is_ok(),
            _ = take!(never) => false,
        }
    });
    let got = alt! {
        value = take!(c) => value,
        _ = take!(never) => None,
    };
    assert_eq!(got, Some(7));
    assert!(putter.await);
}

#[async_dsl::test]
async fn an_alt_never_meets_itself() {
    let c = chan::fixed(0);
    let timed_out = alt! {
        _ = put!(c, 1) => false,
        _ = take!(c) => false,
        sleep!(1ms) => true,
    };
    assert!(timed_out);
}

#[async_dsl::test]
async fn a_losing_put_evaluates_nothing() {
    let (full, ready) = (chan::fixed(1), chan());
    full.try_put(String::new()).unwrap();
    ready.try_put(1).unwrap();
    let precious = String::from("precious");
    alt! {
        _ = put!(full, precious) => panic!("it is full"),
        _ = take!(ready) => {}
    }
    assert_eq!(precious, "precious");
}

#[async_dsl::test]
async fn what_a_put_arm_did_not_put_is_there_for_the_next_round() {
    let c = chan::fixed(0);
    go!(|c| {
        sleep!(5s);
        assert_eq!(take!(c).as_deref(), Some("kept"));
    });
    let value = String::from("kept");
    let mut rounds = 0;
    let sent = loop {
        rounds += 1;
        alt! {
            sent = put!(c, value) => break sent,
            sleep!(2s) => {}
        }
    };
    assert_eq!((sent, rounds), (Ok(()), 3));
}

// N1
#[async_dsl::test]
async fn a_value_that_panics_releases_its_place_and_the_taker_keeps_its_turn() {
    let c = chan::fixed(0);
    let first = go!(|c| take!(c));
    sleep!(1ms);
    let second = go!(|c| take!(c));
    sleep!(1ms);
    let panics = || {
        go!(|c| {
            alt! {
                _ = put!(c, if true { panic!("no value") } else { 0 }) => {}
            }
        })
    };
    assert!(panics().outcome().await.is_err());
    assert_eq!(c.waiting(), takers_parked(2));
    // The others come before, between and after the two that are good.
    let others = [panics(), panics()];
    put!(c, 1).unwrap();
    put!(c, 2).unwrap();
    assert_eq!(await!(first, second), (Some(1), Some(2)));
    go!(|c| { (take!(c), take!(c)) });
    for other in others {
        assert!(other.outcome().await.is_err());
    }
}

// N1: who is promised a value that does not come still has its other arms.
#[async_dsl::test]
async fn a_permit_that_is_held_keeps_no_alt_from_its_timer() {
    let c = chan::fixed(0);
    let promised = chan::fixed(1);
    let (resolver, answer) = promise::<()>();
    for (n, first) in [(1, true), (2, false)] {
        let holder = go!(|c, promised| {
            if !first {
                yield_now!(); // until the `alt!` is parked
            }
            let permit = c.reserve().await;
            put!(promised, ()).unwrap();
            sleep!(1h);
            permit.put(n)
        });
        if first {
            yield_now!();
        }
        let start = async_dsl::time::now();
        let won = alt! {
            value = take!(c) => value,
            _ = await!(answer) => None,
            sleep!(10ms) => Some(0),
        };
        assert_eq!(won, Some(0));
        assert_eq!((async_dsl::time::now() - start).as_millis(), 10);
        assert_eq!(take!(promised), Some(()), "it had claimed this taker");
        assert_eq!(holder.await, Ok(()));
        assert_eq!(take!(c), Some(n), "the value waits for the next");
    }
    drop(resolver);
}

// N3
#[async_dsl::test]
async fn a_value_may_use_its_own_channel() {
    let c = chan::fixed(2);
    c.try_put(1).unwrap();
    let sent = alt! {
        sent = put!(c, c.try_take().unwrap() + 41) => sent,
    };
    assert_eq!((sent, c.try_take()), (Ok(()), Ok(42)));
    let closed = alt! {
        sent = put!(c, { c.close(); 5 }) => sent,
    };
    assert_eq!(closed, Err(Closed(5)));
}

// N5
#[async_dsl::test(threads = 2)]
async fn two_alts_in_opposite_order_do_not_block_each_other() {
    let (a, b) = (chan::fixed(0), chan::fixed(0));
    let rounds = if cfg!(debug_assertions) {
        20_000
    } else {
        1_000_000
    };
    let putter = go!(|a, b| {
        for n in 0..rounds {
            alt! {
                sent = put!(a, n) => sent.unwrap(),
                sent = put!(b, n) => sent.unwrap(),
            }
        }
    });
    for n in 0..rounds {
        let value = alt! {
            value = take!(b) => value,
            value = take!(a) => value,
        };
        assert_eq!(value, Some(n));
    }
    putter.await;
}

/// Three players, each of whom puts to the right or takes from the left.
async fn cycle_of_three(rounds: usize) {
    let ring: Vec<Chan<usize>> = (0..3).map(|_| chan::fixed(0)).collect();
    let players: Vec<Task<(usize, usize)>> = (0..3)
        .map(|player| {
            let (left, right) = (ring[player].clone(), ring[(player + 1) % 3].clone());
            go!({
                let (mut puts, mut takes) = (0, 0);
                for _ in 0..rounds {
                    alt! {
                        sent = put!(right, player) => puts += usize::from(sent.is_ok()),
                        value = take!(left) => takes += usize::from(value.is_some()),
                        sleep!(20ms) => break,
                    }
                }
                (puts, takes)
            })
        })
        .collect();
    let mut sums = (0, 0);
    for player in players {
        let (puts, takes) = player.await;
        sums = (sums.0 + puts, sums.1 + takes);
    }
    // A timer may win while a partner has still to bring its value, which then waits for the next taker.
    let left: usize = ring.iter().map(Chan::len).sum();
    assert_eq!(sums.0, sums.1 + left, "every put met one take");
    assert!(ring.iter().all(|c| c.waiting() == chan::Waiting::default()));
}

// N6
#[async_dsl::test(threads = 2)]
async fn in_a_cycle_of_three_one_pair_commits_at_a_time() {
    cycle_of_three(1000).await;
}

// N6
#[async_dsl::test]
async fn in_a_short_cycle_of_three_one_pair_commits_at_a_time() {
    cycle_of_three(4).await;
}

// N7
#[async_dsl::test]
async fn an_alt_in_a_timeout_of_the_same_instant_loses_no_value() {
    let c = chan::fixed(1);
    for n in 0..5 {
        go!(|c| {
            sleep!(10ms);
            put!(c, n).unwrap();
        });
        let got = timeout!(10ms, {
            alt! {
                value = take!(c) => value,
            }
        });
        let value = match got {
            Ok(value) => value,
            Err(_) => take!(c),
        };
        assert_eq!(value, Some(n));
    }
}

#[async_dsl::test]
async fn handlers_run_in_the_scope_they_are_written_in() {
    async fn first_even(c: &Chan<u32>) -> Result<u32, &'static str> {
        helper(c).await
    }

    #[linear]
    async fn helper(c: &Chan<u32>) -> Result<u32, &'static str> {
        let mut odd = 0;
        let even = 'search: loop {
            alt! {
                value = take!(c) => {
                    let value = value.ok_or("closed")?;
                    if value % 2 == 1 {
                        odd += 1;
                        continue;
                    }
                    if value == 100 {
                        return Ok(odd);
                    }
                    break 'search value;
                }
            }
        };
        Ok(even)
    }

    let c = chan();
    for n in [1, 3, 8, 5, 100] {
        c.try_put(n).unwrap();
    }
    assert_eq!(first_even(&c).await, Ok(8));
    assert_eq!(first_even(&c).await, Ok(1));
    c.close();
    assert_eq!(first_even(&c).await, Err("closed"));
}
