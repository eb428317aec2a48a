//! Tries and time limits at channels over time. After crossbeam-channel's `recv`, `recv_timeout`, `try_send`,
//! `send_timeout` and `stress_timeout_two_threads` of each flavour, and `never`.

use async_dsl::chan::{TryPutError, TryTakeError};
use async_dsl::prelude::*;

use super::{Array, List, Zero, ms};

const FLAVOURS: [super::Flavour; 3] = [Array(100), List, Zero];

#[async_dsl::test]
async fn a_try_takes_what_came_meanwhile_and_learns_the_end() {
    for flavour in FLAVOURS {
        let (s, r) = flavour.make();
        go!({
            sleep!(100ms);
            put!(s, 7).unwrap();
        });
        assert_eq!(r.try_take(), Err(TryTakeError::Empty));
        sleep!(150ms);
        assert_eq!(r.try_take(), Ok(7), "{flavour:?}");
        sleep!(50ms);
        assert_eq!(r.try_take(), Err(TryTakeError::Closed), "{flavour:?}");
    }
}

#[async_dsl::test]
async fn a_slow_taker_gets_all_of_a_putter_that_is_gone() {
    for flavour in FLAVOURS {
        let (s, r) = flavour.make();
        go!({
            sleep!(150ms);
            for n in 7..10 {
                put!(s, n).unwrap();
            }
        });
        for n in 7..10 {
            assert_eq!(take!(r), Some(n), "{flavour:?}");
            sleep!(100ms);
        }
        assert_eq!(take!(r), None, "{flavour:?}");
        assert_eq!(r.try_take(), Err(TryTakeError::Closed));
        assert_eq!(r.take_for(ms(500)).await, Ok(None));
    }
}

#[async_dsl::test]
async fn a_timed_take_is_over_or_has_the_value_or_the_end() {
    for flavour in FLAVOURS {
        let (s, r) = flavour.make();
        go!({
            sleep!(150ms);
            put!(s, 7).unwrap();
        });
        assert_eq!(r.take_for(ms(100)).await.unwrap_err().limit(), ms(100));
        assert_eq!(r.take_for(ms(1000)).await, Ok(Some(7)), "{flavour:?}");
        assert_eq!(r.take_for(ms(1000)).await, Ok(None), "{flavour:?}");
    }
}

#[async_dsl::test]
async fn a_try_puts_where_there_is_room_by_then() {
    let (s, r) = Array(1).make();
    go!({
        sleep!(100ms);
        assert_eq!(r.try_take(), Ok(1));
        assert_eq!(r.try_take(), Err(TryTakeError::Empty));
        assert_eq!(take!(r), Some(3));
    });
    assert_eq!(s.try_put(1), Ok(()));
    assert_eq!(s.try_put(2), Err(TryPutError::Full(2)));
    sleep!(150ms);
    assert_eq!(s.try_put(3), Ok(()));
    sleep!(100ms);
    assert_eq!(s.try_put(4), Err(TryPutError::Closed(4)));
}

#[async_dsl::test]
async fn a_try_puts_where_a_taker_waits_by_then() {
    let (s, r) = Zero.make();
    go!({
        sleep!(100ms);
        assert_eq!(take!(r), Some(8));
    });
    assert_eq!(s.try_put(7), Err(TryPutError::Full(7)));
    sleep!(150ms);
    assert_eq!(s.try_put(8), Ok(()));
    sleep!(50ms);
    assert_eq!(s.try_put(9), Err(TryPutError::Closed(9)));
}

#[async_dsl::test]
async fn a_timed_put_has_room_in_time_or_its_value_back() {
    let (s, r) = Array(2).make();
    go!({
        sleep!(100ms);
        assert_eq!(take!(r), Some(1));
        sleep!(100ms);
        assert_eq!((take!(r), take!(r)), (Some(2), Some(4)));
    });
    assert_eq!(put!(s, 1, 100ms), Ok(()));
    assert_eq!(put!(s, 2, 100ms), Ok(()));
    assert_eq!(put!(s, 3, 50ms), Err(PutError::Elapsed(3)));
    sleep!(100ms);
    assert_eq!(put!(s, 4, 100ms), Ok(()));
    sleep!(100ms);
    assert_eq!(put!(s, 5, 100ms), Err(PutError::Closed(5)));
}

#[async_dsl::test]
async fn a_timed_put_has_a_taker_in_time_or_its_value_back() {
    let (s, r) = Zero.make();
    go!({
        sleep!(150ms);
        assert_eq!(take!(r), Some(8));
    });
    assert_eq!(put!(s, 7, 100ms), Err(PutError::Elapsed(7)));
    assert_eq!(put!(s, 8, 1s), Ok(()));
    assert_eq!(put!(s, 9, 1s), Err(PutError::Closed(9)));
}

#[async_dsl::test]
async fn every_way_to_put_fails_after_the_last_taker() {
    for flavour in FLAVOURS {
        let (s, r) = flavour.make();
        if flavour != Zero {
            for n in 1..4 {
                put!(s, n).unwrap();
            }
        }
        drop(r);
        assert_eq!(put!(s, 4), Err(Closed(4)), "{flavour:?}");
        assert_eq!(s.try_put(5), Err(TryPutError::Closed(5)), "{flavour:?}");
        assert_eq!(put!(s, 6, 500ms), Err(PutError::Closed(6)), "{flavour:?}");
        assert_eq!(s.reserve().await.put(7), Err(Closed(7)), "{flavour:?}");
    }
}

/// Either of two who try for 10 ms at a time may be late; no value is lost or comes twice or out of order.
#[async_dsl::test]
async fn timed_puts_and_timed_takes_meet() {
    const COUNT: usize = 40;
    for flavour in [Array(2), List, Zero] {
        let (s, r) = flavour.make();
        let putter = go!({
            for i in 0..COUNT {
                if i % 2 == 0 {
                    sleep!(25ms);
                }
                while put!(s, i, 10ms).is_err() {}
            }
        });
        for i in 0..COUNT {
            if i % 2 == 0 {
                sleep!(25ms);
            }
            let taken = loop {
                if let Ok(taken) = r.take_for(ms(10)).await {
                    break taken;
                }
            };
            assert_eq!(taken, Some(i), "{flavour:?}");
        }
        putter.await;
    }
}

#[async_dsl::test]
async fn of_timers_the_earliest_wins() {
    let start = async_dsl::time::now();
    let won = alt! {
        sleep!(90ms) => 2,
        sleep!(30ms) => 1,
        sleep!(200ms) => 3,
    };
    assert_eq!((won, async_dsl::time::now() - start), (1, ms(30)));
}

#[async_dsl::test]
async fn an_arm_that_is_off_never_wins() {
    let c = chan();
    c.try_put(1).unwrap();
    let open = false;
    let won = alt! {
        _ = take!(c), if open => "take",
        sleep!(20ms) => "time",
    };
    assert_eq!(
        (won, c.len(), c.waiting()),
        ("time", 1, chan::Waiting::default())
    );
}
