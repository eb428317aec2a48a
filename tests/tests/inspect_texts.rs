//! The text of a word is what its user wrote, on one line, wherever the word stands and whatever is in it.

use std::future::{Pending, pending, ready};
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl_tests::parked;

/// The texts of what the tasks wait for that `start` starts, in order.
fn texts(start: impl FnOnce()) -> Vec<String> {
    let (_scheduler, snapshot) = parked(start);
    let places = snapshot.tasks.into_iter().flat_map(|task| task.parked);
    places.map(|place| place.text).collect()
}

fn channel(_: &str) -> Chan<u32> {
    chan::fixed(1)
}

/// Full for ever with one value.
fn full() -> Chan<u32> {
    let channel = chan::fixed(1);
    channel.try_put(1).expect("room");
    channel
}

fn channels() -> Chan<Chan<u32>> {
    let channels = chan::fixed(1);
    channels.try_put(channel("inner")).expect("room");
    channels
}

fn time(_: Duration) -> Chan<u32> {
    chan::fixed(1)
}

#[test]
fn a_duration_is_shown_as_it_is_written() {
    let texts = texts(|| {
        go!({ sleep!(1.5s) });
        go!({ sleep!(Duration::from_millis(100)) });
        go!({ sleep!(::core::time::Duration::from_millis(100)) });
        go!({ sleep!(::core::time::Duration::new(1, 500) + 5min) });
        go!({ take!(channel("c"), 1_000ms, 0x10) });
        go!({ pending::<Duration>().await.min(1h) });
    });
    assert_eq!(
        texts,
        [
            "sleep!(1.5s)",
            "sleep!(Duration::from_millis(100))",
            "sleep!(::core::time::Duration::from_millis(100))",
            "sleep!(::core::time::Duration::new(1, 500) + 5min)",
            "take!(channel(\"c\"), 1_000ms, 0x10)",
            "pending::<Duration>().await",
        ]
    );
}

#[test]
fn a_string_is_shown_as_it_is_written() {
    let texts = texts(|| {
        go!({ take!(channel("take!(@park c)")) });
        go!({ take!(channel("(private::awaiting(spot!(1), x)).start().await")) });
        go!({ take!(channel("::core::time::Duration::from_secs(1)  await_!")) });
        go!({ take!(channel(r#"a "raw" one \ "#)) });
        go!({ take!(channel("} \\ \" { \u{1F980} 🦀")) });
        #[rustfmt::skip]
        go!({ take!(channel("of
                two lines")) });
    });
    assert_eq!(
        texts,
        [
            r#"take!(channel("take!(@park c)"))"#,
            r#"take!(channel("(private::awaiting(spot!(1), x)).start().await"))"#,
            r#"take!(channel("::core::time::Duration::from_secs(1)  await_!"))"#,
            r##"take!(channel(r#"a "raw" one \ "#))"##,
            r#"take!(channel("} \\ \" { \u{1F980} 🦀"))"#,
            r#"take!(channel("of two lines"))"#,
        ]
    );
}

#[test]
#[rustfmt::skip]
fn a_word_of_several_lines_is_shown_on_one() {
    let texts = texts(|| {
        go!({
            put!(
                full(), // of one
                [1, 2]
                    .iter()
                    .map(|n| {
                        let m = n + 1;
                        n * m
                    })
                    .sum::<u32>(),
            )
        });
        go!({
            take![
                channel(
                    "c",
                ),
                1s,
                0,
            ]
        });
        go!({ await!(async { (ready(1),).0.await; take!(channel("d"), ) }, ); });
    });
    assert_eq!(
        texts,
        [
            "put!(full(), [1, 2].iter().map(|n| { let m = n + 1; n * m }).sum::<u32>())",
            "take!(channel(\"c\"), 1s, 0)",
            "take!(channel(\"d\"))",
        ]
    );
}

#[test]
fn words_and_awaits_are_shown_in_a_word() {
    let texts = texts(|| {
        go!({ take!(take!(channels()).unwrap()) });
        go!({ put!(full(), ready(take!(full()).unwrap()).await, 5min) });
        go!({ await!(async { pending::<u32>().await }, ready(await!(ready(1)))) });
        go!({ await!(each vec![go!({ take!(take!(channels()).unwrap(), 1.5s, 2) })]) });
        go!({ ready(take!(time(1s))).await });
        go!({ pending::<u32>().await + await!(ready(1)) });
        go!({ pending::<Option<u32>>().await.or(take!(full())) });
        go!({ drop_it(await!(ready(2)), async_dsl::await!(ready(3)), 20ms).await });
    });
    assert_eq!(
        texts,
        [
            "take!(take!(channels()).unwrap())",
            "put!(full(), ready(take!(full()).unwrap()).await, 5min)",
            "pending::<u32>().await",
            "await!(each vec![go!({ take!(take!(channels()).unwrap(), 1.5s, 2) })])",
            "take!(time(1s))",
            "pending::<u32>().await",
            "pending::<Option<u32>>().await",
            "drop_it(await!(ready(2)), async_dsl::await!(ready(3)), 20ms).await",
            "take!(take!(channels()).unwrap(), 1.5s, 2)",
        ]
    );
}

fn drop_it(_: u32, _: u32, _: Duration) -> Pending<()> {
    pending()
}

#[test]
fn words_are_shown_in_the_macros_of_others() {
    let texts = texts(|| {
        go!({ println!("{:?}", take!(channel("a"))) });
        go!({ assert_eq!(take!(time(20ms), 1h, 2), Some(1)) });
        go!({ assert!(put!(full(), take!(full()).unwrap()).is_ok()) });
        go!({ vec![sleep!(20ms * 2)] });
        go!({
            format!("{:?}", await!(async { pending::<u32>().await }, ready(await!(ready(20ms)))))
        });
        go!({ format!("{:?}", take!(channel(&ready("f").await.replace(' ', "")))) });
    });
    assert_eq!(
        texts,
        [
            "take!(channel(\"a\"))",
            "take!(time(20ms), 1h, 2)",
            "put!(full(), take!(full()).unwrap())",
            "sleep!(20ms * 2)",
            "pending::<u32>().await",
            "take!(channel(&ready(\"f\").await.replace(' ', \"\")))",
        ]
    );
}

macro_rules! started {
    ($channel:expr, $sum:expr, $time:expr) => {
        go!({ take!($channel, $time * 2, $sum * 2) })
    };
}

macro_rules! run {
    ($code:block) => {
        async_block!($code).await
    };
}

macro_rules! first {
    ($($arms:tt)*) => {
        async_block!({ alt! { $($arms)* } }).await
    };
}

#[test]
fn words_are_shown_with_what_a_macro_is_given() {
    let orders = channel("orders");
    let texts = texts(|| {
        started!(channel("a"), 1 + 2, 20ms + 1s);
        go!(|orders| {
            macro_rules! next {
                ($channel:expr) => {
                    take!($channel)
                };
            }
            next!(orders)
        });
        go!({
            macro_rules! next {
                ($channel:expr) => {
                    take!($channel)
                };
            }
            next!(take!(channels()).unwrap_or(time(20ms)))
        });
        go!({
            macro_rules! later {
                ($time:expr) => {
                    sleep!(20ms + $time)
                };
            }
            later!(1.5s);
        });
        go!(|orders| {
            macro_rules! both {
                ($($channel:expr),*) => {
                    await!($(async { $channel.take().await }),*)
                };
            }
            both!(orders);
        });
    });
    assert_eq!(
        texts,
        [
            "take!(channel(\"a\"), (20ms + 1s) * 2, (1 + 2) * 2)",
            "take!(orders)",
            "take!(take!(channels()).unwrap_or(time(20ms)))",
            "sleep!(20ms + 1.5s)",
            ".take()",
        ]
    );
}

#[test]
fn code_that_a_macro_hands_to_an_opener_is_shown_as_it_is_written() {
    let texts = texts(|| {
        go!({ run!({ take!(time(20ms), 5min, 1) }) });
        go!({ run!({ drop_it(1, take!(full()).unwrap(), 1.5s).await }) });
        go!({
            first! {
                n = take!(time(20ms)) => n,
                () = await!(drop_it_later(await!(ready(1)))) => None,
                sleep!(1.5s) => None,
            }
        });
    });
    assert_eq!(
        texts,
        [
            "take!(time(20ms), 5min, 1)",
            "drop_it(1, take!(full()).unwrap(), 1.5s).await",
            "take!(time(20ms))",
            "await!(drop_it_later(await!(ready(1))))",
            "sleep!(1.5s)",
        ]
    );
}

fn drop_it_later(_: u32) -> async_dsl::alt::CancelSafe<Pending<()>> {
    cancel_safe(pending())
}
