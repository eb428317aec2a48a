//! Connections as channels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_dsl::net::{Conn, Error, Limit, Lines, unix};
use async_dsl::prelude::*;
use futures_lite::future::poll_once;
use futures_lite::{AsyncReadExt, AsyncWriteExt};

use super::lines;

/// Puts until the socket takes no more, and a frame is left over.
#[linear]
async fn fill(conn: &Conn) {
    while let Some(permit) = poll_once(conn.reserve()).await {
        permit.put(vec![7; 10_000]).unwrap();
    }
}

#[async_dsl::test(threads = 2)]
async fn a_take_that_runs_out_of_time_loses_no_byte() {
    let (one, other) = unix::pair().unwrap();
    let one = one.framed(Lines::new());
    for part in ["the ", "whole", " line"] {
        put!(other, part.as_bytes().to_vec()).unwrap();
        let late = take!(one, 5ms, Ok("nothing yet".to_string()));
        assert_eq!(late.unwrap().unwrap(), "nothing yet");
    }
    put!(other, b"\n".to_vec()).unwrap();
    assert_eq!(take!(one).unwrap().unwrap(), "the whole line");
}

fn unreachable(why: &str) -> String {
    panic!("{why}")
}

#[async_dsl::test(threads = 2)]
async fn arms_that_lose_leave_everything_as_it_was() {
    let (one, other) = lines();
    let ticks = chan::fixed(1);
    put!(ticks, ()).unwrap();
    alt! {
        biased;
        _ = take!(one) => panic!("nothing was put"),
        _ = take!(ticks) => {},
        _ = put!(other, unreachable("a loser was evaluated")) => {},
    }
    put!(other, "line".to_string()).unwrap();
    let line = alt! {
        line = take!(one) => line,
        _ = take!(ticks) => panic!("no tick"),
        sleep!(1min) => panic!("no line"),
    };
    assert_eq!(line.unwrap().unwrap(), "line");
    alt! {
        done = put!(one, "back".to_string()) => done.unwrap(),
        _ = take!(ticks) => panic!("no tick"),
    }
    assert_eq!(take!(other).unwrap().unwrap(), "back");
}

#[async_dsl::test(threads = 2)]
async fn an_alt_parked_on_both_directions_goes_on_with_either() {
    let (one, other) = unix::pair().unwrap();
    fill(&one).await;
    // The socket is full: only the take can win.
    let reader = go!(|other| {
        sleep!(20ms);
        put!(other, b"x".to_vec()).unwrap();
    });
    let won = alt! {
        _ = put!(one, b"!".to_vec()) => "put",
        _ = take!(one) => "take",
    };
    assert_eq!(won, "take");
    reader.await;
    let drain = go!(|other| { while !take!(other).unwrap().unwrap().ends_with(b"!") {} });
    let won = alt! {
        done = put!(one, b"!".to_vec()) => { done.unwrap(); "put" }
        _ = take!(one) => "take",
    };
    assert_eq!(won, "put");
    drain.await;
}

#[async_dsl::test(threads = 2)]
async fn a_put_waits_for_a_slow_reader() {
    let (one, other) = unix::pair().unwrap();
    let put = Arc::new(AtomicU32::new(0));
    let writer = go!(|put| {
        for _ in 0..1000 {
            put!(one, vec![1; 10_000]).unwrap();
            put.fetch_add(1, Ordering::Relaxed);
        }
    });
    // It stands still long before it is done.
    let mut before = 0;
    loop {
        sleep!(20ms);
        let now = put.load(Ordering::Relaxed);
        if now == before && now > 0 {
            break;
        }
        before = now;
    }
    assert!(before < 1000);
    let mut read = 0;
    while let Some(chunk) = take!(other).transpose().unwrap() {
        read += chunk.len();
    }
    assert_eq!(read, 10_000_000);
    writer.await;
}

#[async_dsl::test(threads = 2)]
async fn a_timed_put_gives_its_value_back() {
    let (one, other) = unix::pair().unwrap();
    fill(&one).await;
    let error = put!(one, b"value".to_vec(), 10ms).unwrap_err();
    assert!(matches!(error.error(), Error::Elapsed(Limit::Put)));
    assert_eq!(error.into_value().unwrap(), b"value");
    drop(other);
}

/// Begins a large put, and gives it up when the first of its bytes have come out. Gives those.
#[linear]
async fn begin_a_put_of(bytes: usize, from: &Conn, to: &Conn) -> Vec<u8> {
    let from = from.clone();
    let putting = go!({ put!(from, vec![b'x'; bytes]) });
    let first = take!(to).unwrap().unwrap();
    assert!(putting.cancel().await.is_none(), "it was not done");
    first
}

#[async_dsl::test(threads = 2)]
async fn a_put_that_was_begun_goes_out_whole() {
    let (one, other) = unix::pair().unwrap();
    let mut read = begin_a_put_of(3_000_000, &one, &other).await;
    let error = put!(one, b"late".to_vec(), 1ms).unwrap_err();
    assert_eq!(error.into_value().unwrap(), b"late");
    let last = go!({ put!(one, b"end".to_vec()) });
    while let Some(chunk) = take!(other).transpose().unwrap() {
        read.extend(chunk);
    }
    last.await.unwrap();
    assert_eq!(read.len(), 3_000_003);
    assert!(read.ends_with(b"xend"));
}

#[async_dsl::test(threads = 2)]
async fn what_was_accepted_is_written_after_the_connection_was_dropped() {
    let (one, other) = unix::pair().unwrap();
    let mut read = begin_a_put_of(3_000_000, &one, &other).await.len();
    drop(one);
    while let Some(chunk) = take!(other).transpose().unwrap() {
        read += chunk.len();
    }
    assert_eq!(read, 3_000_000);
}

#[async_dsl::test(threads = 2)]
async fn several_tasks_share_a_connection_and_their_frames_never_mix() {
    let (one, other) = lines();
    let writers: Vec<Task<()>> = (0..8)
        .map(|writer| {
            go!(|one| {
                for n in 0..200 {
                    let line = format!("{writer} {n} {}", "x".repeat(n * 13 % 3000));
                    put!(one, line).unwrap();
                }
            })
        })
        .collect();
    let readers: Vec<Task<Vec<String>>> = (0..3)
        .map(|_| {
            go!(|other| {
                let mut lines = Vec::new();
                while let Some(line) = take!(other).transpose().unwrap() {
                    lines.push(line);
                }
                lines
            })
        })
        .collect();
    for writer in writers {
        writer.await;
    }
    drop(one);
    let mut next = [[0; 8]; 3];
    let mut count = 0;
    for (reader, task) in readers.into_iter().enumerate() {
        for line in task.await {
            count += 1;
            let mut words = line.split(' ');
            let writer: usize = words.next().unwrap().parse().unwrap();
            let n: usize = words.next().unwrap().parse().unwrap();
            assert_eq!(words.next().unwrap().len(), n * 13 % 3000, "a mixed frame");
            assert!(n >= next[reader][writer], "out of order");
            next[reader][writer] = n + 1;
        }
    }
    assert_eq!(count, 1600);
}

#[async_dsl::test(threads = 2)]
async fn takers_are_served_first_come_first_served() {
    let (one, other) = lines();
    let order = chan::<u32>();
    for n in 0..4 {
        go!(|one, order| {
            let line = take!(one).unwrap().unwrap();
            assert_eq!(line, n.to_string());
            put!(order, n).unwrap();
        });
        // Each is in line before the next.
        sleep!(20ms);
    }
    for n in 0..4 {
        put!(other, n.to_string()).unwrap();
        assert_eq!(take!(order), Some(n));
    }
}

#[async_dsl::test(threads = 2)]
async fn a_cancelled_taker_gives_its_turn_on() {
    let (one, other) = lines();
    let first = go!(|one| { take!(one) });
    sleep!(10ms);
    let second = go!(|one| { take!(one) });
    sleep!(10ms);
    first.cancel().await;
    put!(other, "for the second".to_string()).unwrap();
    assert_eq!(second.await.unwrap().unwrap(), "for the second");
}

#[async_dsl::test(threads = 2)]
async fn closing_ends_one_direction_only() {
    let (one, other) = lines();
    put!(one, "last".to_string()).unwrap();
    assert!(one.close());
    assert!(!one.close());
    let error = put!(one, "too late".to_string()).unwrap_err();
    assert!(matches!(error.error(), Error::Closed));
    assert_eq!(error.into_value().unwrap(), "too late");
    assert_eq!(take!(other).unwrap().unwrap(), "last");
    assert!(take!(other).is_none());
    put!(other, "answer".to_string()).unwrap();
    assert_eq!(take!(one).unwrap().unwrap(), "answer");
}

#[async_dsl::test(threads = 2)]
async fn closing_gives_parked_puts_their_values_back() {
    let (one, other) = unix::pair().unwrap();
    fill(&one).await;
    let parked = go!(|one| { put!(one, b"parked".to_vec()) });
    sleep!(20ms);
    one.close();
    let error = parked.await.unwrap_err();
    assert_eq!(error.into_value().unwrap(), b"parked");
    let mut end = 0;
    while let Some(chunk) = take!(other).transpose().unwrap() {
        end += chunk.len();
    }
    assert_eq!(end % 10_000, 0);
}

#[async_dsl::test(threads = 2)]
async fn connections_are_streams_of_bytes_too() {
    let (mut one, mut other) = unix::pair().unwrap();
    let echo = go!({
        let mut buffer = [0; 1000];
        loop {
            let read = AsyncReadExt::read(&mut other, &mut buffer).await.unwrap();
            if read == 0 {
                break other.close().then_some(());
            }
            other.write_all(&buffer[..read]).await.unwrap();
        }
    });
    let sent: Vec<u8> = (0..=255).cycle().take(500_000).collect();
    let copy = sent.clone();
    let (mut putter, mut taker) = {
        one.write_all(b"first").await.unwrap();
        let mut first = [0; 5];
        one.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"first");
        one.split()
    };
    let writer = go!({
        putter.write_all(&copy).await.unwrap();
        AsyncWriteExt::close(&mut putter).await.unwrap();
    });
    let mut got = Vec::new();
    taker.read_to_end(&mut got).await.unwrap();
    assert!(got == sent);
    writer.await;
    assert_eq!(echo.await, Some(()));
}

#[async_dsl::test(threads = 2)]
async fn a_read_that_was_given_up_does_not_stand_before_a_take() {
    let (mut one, other) = unix::pair().unwrap();
    let mut buffer = [0; 10];
    assert!(timeout!(5ms, { one.read_exact(&mut buffer).await }).is_err());
    put!(other, b"taken".to_vec()).unwrap();
    assert_eq!(take!(one).unwrap().unwrap(), b"taken");
    fill(&one).await;
    let large = vec![0; 1_000_000];
    assert!(timeout!(5ms, { one.write_all(&large).await }).is_err());
    let drain = go!({ while !take!(other).unwrap().unwrap().ends_with(b"!") {} });
    put!(one, b"!".to_vec()).unwrap();
    drain.await;
}

#[async_dsl::test(threads = 2)]
async fn a_raw_connection_takes_bytes_of_every_type() {
    let (one, other) = unix::pair().unwrap();
    let (putter, taker) = one.clone().split();
    let vector = b"of a vector ".to_vec();
    put!(one, vector).unwrap();
    put!(one, bytes::Bytes::from_static(b"of Bytes ")).unwrap();
    put!(one, bytes::BytesMut::from("of BytesMut ")).unwrap();
    put!(one, String::from("of a String ")).unwrap();
    put!(&one, "of a text ").unwrap();
    put!(one, b"of an array ", 1s).unwrap();
    put!(putter, "of a slice ".as_bytes(), 1s).unwrap();
    put!(putter, *b"by value ").unwrap();
    alt! {
        done = put!(one, "of an arm ") => done.unwrap(),
        sleep!(1s) => unreachable!(),
    }
    alt! {
        done = put!(&putter, bytes::Bytes::from("with a condition")), if true => done.unwrap(),
        sleep!(1s) => unreachable!(),
    }
    drop((one, putter, taker));
    let mut all = Vec::new();
    while let Some(chunk) = take!(other) {
        all.extend(chunk.unwrap());
    }
    assert_eq!(
        String::from_utf8(all).unwrap(),
        "of a vector of Bytes of BytesMut of a String of a text of an array of a slice by value of an arm with a condition"
    );
}

#[async_dsl::test(threads = 2)]
async fn bytes_that_a_raw_connection_refuses_come_back() {
    let (one, other) = unix::pair().unwrap();
    drop(other);
    while put!(one, "lost").is_ok() {}
    let refused = put!(one, "back").unwrap_err();
    assert_eq!(refused.into_value(), Some(b"back".to_vec()));
    let refused = put!(one, "back", 1s).unwrap_err();
    assert_eq!(refused.into_value(), Some(b"back".to_vec()));
}
