//! Channels as streams and sinks, with the adaptors of a crate that knows nothing of them.

use std::future::ready;
use std::io;
use std::num::ParseIntError;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use async_dsl::prelude::*;
use futures_util::{Sink, SinkExt, Stream, StreamExt};

/// Every handle is what the documentation says it is.
fn is_a_stream<S: Stream<Item = u32> + Unpin>(_: &S) {}
fn is_a_sink<S: Sink<u32, Error = Closed<Option<u32>>> + Unpin>(_: &S) {}

#[async_dsl::test]
async fn handles_are_streams_and_sinks() {
    let c = chan::<u32>();
    is_a_stream(&c);
    is_a_sink(&c);
    let (putter, taker) = c.split();
    is_a_stream(&taker);
    is_a_sink(&putter);
}

#[async_dsl::test]
async fn what_is_sent_into_a_channel_comes_out_of_it_as_a_stream() {
    for size in [0, 1, 3] {
        let c = chan::fixed(size);
        let sender = go!(|mut c| {
            for n in 0..10 {
                c.send(n).await.unwrap();
            }
            Chan::close(&c)
        });
        let all: Vec<u32> = c.map(|n| n * 2).collect().await;
        assert_eq!(all, (0..20).step_by(2).collect::<Vec<_>>());
        assert!(sender.await);
    }
}

#[async_dsl::test]
async fn a_stream_is_forwarded_from_one_channel_to_another() {
    let (numbers, from) = chan::fixed(1).split();
    let (to, doubled) = chan::fixed(0).split();
    go!({
        let mut numbers = numbers;
        let mut three = futures_util::stream::iter([1, 2, 3].map(Ok));
        numbers.send_all(&mut three).await.unwrap();
    });
    let forwarder = go!({ from.map(|n| Ok(2 * n)).forward(to).await });
    assert_eq!(doubled.collect::<Vec<u32>>().await, [2, 4, 6]);
    assert!(forwarder.await.is_ok());
}

#[async_dsl::test]
async fn a_sink_that_is_closed_gives_the_value_back() {
    for whole in [false, true] {
        let c = chan::fixed(1);
        let mut sink: Box<dyn Sink<u32, Error = Closed<Option<u32>>> + Send + Unpin> = if whole {
            Box::new(c.clone())
        } else {
            Box::new(c.clone().split().0)
        };
        // Closed with a place reserved, and then at once.
        std::future::poll_fn(|cx| sink.poll_ready_unpin(cx))
            .await
            .unwrap();
        c.close();
        assert_eq!(sink.start_send_unpin(1), Err(Closed(Some(1))));
        assert_eq!(sink.send(2).await, Err(Closed(None)));
    }
}

/// `SinkExt::with` turns the sink's error into that of its closure.
#[async_dsl::test]
async fn a_sink_takes_what_a_closure_makes_of_other_values() {
    let (putter, taker) = chan::fixed(4).split();
    // A `With` is of no use after its closure has failed, so there is a new one each time.
    let lines = || {
        putter.clone().with(|line: &str| {
            let parsed = line.parse::<u32>();
            ready(parsed.map_err(io::Error::other))
        })
    };
    lines().send("7").await.unwrap();
    let refused = lines().send("seven").await.unwrap_err();
    assert!(refused.get_ref().unwrap().is::<ParseIntError>());
    assert_eq!(take!(taker), Some(7));
    putter.close();
    let closed = lines().send("9").await.unwrap_err();
    assert_eq!(closed.kind(), io::ErrorKind::BrokenPipe);
    assert_eq!(closed.to_string(), "put on a closed channel");
}

/// And that of a put in there.
#[async_dsl::test]
async fn the_error_of_a_put_becomes_that_of_a_sink() {
    let (putter, other) = (chan::<u32>(), chan::<u32>());
    other.close();
    let mut both = pin!(putter.with(|n: u32| {
        let other = &other;
        async move {
            other.put(n).await?;
            Ok::<_, Closed<Option<u32>>>(n)
        }
    }));
    assert_eq!(both.send(8).await, Err(Closed(Some(8))));
}

#[async_dsl::test]
async fn closing_a_sink_gives_back_what_it_reserved_and_leaves_the_channel_to_the_others() {
    let c = chan::fixed::<u32>(1);
    let mut sink = c.clone();
    std::future::poll_fn(|cx| sink.poll_ready_unpin(cx))
        .await
        .unwrap();
    assert!(c.try_put(1).is_err(), "the place is reserved");
    SinkExt::close(&mut sink).await.unwrap();
    assert!(!c.is_closed());
    c.try_put(1).unwrap();
    assert!(sink.close(), "the channel's own");
    assert!(c.is_closed());
}

#[async_dsl::test]
async fn a_whole_channel_that_is_dropped_as_a_stream_or_a_sink_loses_nothing() {
    let c = chan::fixed(0);
    let mut cx = Context::from_waker(Waker::noop());
    // In line with both hands, and served with a value.
    let mut stream = c.clone();
    assert!(stream.poll_next_unpin(&mut cx).is_pending());
    let mut put = pin!(c.put(1));
    assert!(put.as_mut().poll(&mut cx).is_ready());
    drop(stream);
    assert_eq!(c.try_take(), Ok(1));
    // With a place granted by a taker, who is served by the next one.
    let mut sink = c.clone();
    assert!(sink.poll_ready_unpin(&mut cx).is_pending());
    let mut take = pin!(Chan::take(&c));
    assert!(take.as_mut().poll(&mut cx).is_pending());
    assert!(matches!(
        sink.poll_ready_unpin(&mut cx),
        Poll::Ready(Ok(()))
    ));
    drop(sink);
    assert_eq!(c.try_put(2), Ok(()));
    assert_eq!(take.as_mut().poll(&mut cx), Poll::Ready(Some(2)));
    assert_eq!(c.waiting(), chan::Waiting::default());
    // A clone is in no line.
    let clone = c.clone();
    assert!(!c.is_closed());
    drop(clone);
    assert!(!c.is_closed());
}

/// With both extension traits in scope, by value and by reference.
#[async_dsl::test]
async fn the_words_are_not_changed_by_extension_traits() {
    let c = chan::fixed(4);
    let (putter, taker) = c.clone().split();
    for n in 1..=2 {
        put!(c, n).unwrap();
        put!(putter, 10 * n).unwrap();
    }
    assert_eq!((take!(c), take!(taker)), (Some(1), Some(10)));
    let by_reference = (&c, &taker);
    let both = (by_reference.0.take().await, by_reference.1.take().await);
    assert_eq!(both, (Some(2), Some(20)));
    put!(c, 3).unwrap();
    put!(c, 4).unwrap();
    assert_eq!(Taker::take(&taker).await, Some(3));
    assert_eq!(Chan::take(&c).await, Some(4));
    // The adaptors of that name are there as well.
    put!(c, 5).unwrap();
    assert_eq!(taker.take(1).collect::<Vec<u32>>().await, [5]);
    let (timed, other) = (take!(c, 1ms, 0), c.take_for(std::time::Duration::ZERO));
    assert_eq!((timed, other.await.is_err()), (Some(0), true));
}
