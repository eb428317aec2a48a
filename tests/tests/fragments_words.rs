//! A fragment of `macro_rules!` means in the arguments of a word and of an opener, and in the arms of `alt!`, what it means
//! elsewhere. The code of openers has a file of its own, `fragments`.
#![deny(warnings)]
// Nobody writes such code by hand.
#![allow(redundant_semicolons, clippy::all, clippy::pedantic)]

use std::sync::LazyLock;
use std::time::Duration;

use async_dsl::prelude::*;

/// The channel itself, for operands that are expressions.
struct Own {
    channel: Chan<i32>,
}

macro_rules! words {
    ($channel:expr, $reference:expr, $sum:expr, $time:expr, $if:expr, $future:expr, $list:expr) => {
        async_block!({
        put!($channel, $sum * 2).unwrap();
        assert_eq!(take!($channel), Some(6));
        put!($reference, $sum * 2, $time * 2).unwrap();
        assert_eq!(take!($reference, $time * 2, $sum * 2), Some(6));
        assert_eq!(take!($reference, $time * 2, $sum * 2), Some(6), "the default");
        put!($channel, $if + 1, $time + 1ms).unwrap();
        assert_eq!(take!($channel), Some(11));
        assert_eq!(take!(futures_util::stream::iter($list)).unwrap().await + $sum, 6);
        let before = async_dsl::time::now();
        sleep!($time * 2);
        sleep!($time);
        assert_eq!(async_dsl::time::now() - before, Duration::from_millis(90));
        assert_eq!($future.await + 1, 7);
        assert_eq!(timeout!($time * 2, { yield_now!(); $sum * 2 }), Ok(6));
        assert!(timeout!($time * 2, { sleep!(61ms) }).is_err());
        assert!(timeout!($time * 2, { sleep!(59ms) }).is_ok());
        async_block!({
            assert_eq!(await!($future) * 2, 12);
            assert_eq!(await!($future, async { $sum * 2 }), (6, 6));
            assert_eq!(join!($future, async { $sum * 2 }), (6, 6));
            assert_eq!(join!(each $list), [3, 4]);
            assert_eq!(try_join!(async { Ok::<_, ()>($future.await * 2) }, async { Ok($sum * 2) }), Ok((12, 6)));
            assert_eq!(try_join!(each $list.map(|f| async move { Err::<(), _>(f.await * $sum) })), Err(9));
            assert_eq!(race!($future, async { $sum * 2 }) * 2, 12);
            assert_eq!(race!(each $list.map(|f| async move { f.await.min($sum) - $sum })), 0);
            assert_eq!(join!(each $list.map(|f| async move { f.await * $sum })), [9, 12]);
            assert_eq!(await!(each $list), [3, 4]);
            assert_eq!(await!(each $list.map(|f| async move { f.await * $sum })), [9, 12]);
        })
        .await;
        })
        .await
    };
}

#[async_dsl::test]
async fn words_take_expressions() {
    let own = Own {
        channel: chan::fixed(1),
    };
    let two = 2;
    words!(
        own.channel,
        &own.channel,
        1 + two,
        10ms + 20ms,
        if two == 2 { 10 } else { 0 },
        async { two * 3 },
        (3..=4).map(|n| async move { n })
    );
}

macro_rules! arms {
    (
        $channel:expr, $sum:expr, $time:expr, $yes:expr, $pattern:pat, $name:ident, $some:pat_param, $put:expr, $wait:expr,
        $handler:expr, $block:block
    ) => {
        async_block!({
            let full = chan::fixed::<i32>(0);
            let first = alt! {
                $pattern = take!($channel), if !$yes => $name.unwrap() * 2,
                _ = take!($channel), if $yes => unreachable!("switched off"),
                sleep!($time * 2) => $sum * 2,
            };
            let second = alt! {
                biased;
                sent = put!($channel, $sum * 2) => { sent.unwrap(); $handler * 2 }
                default => $sum * 2,
            };
            let third = alt! {
                take!(full) => $sum,
                $some = take!($channel) => { let n = $name; n.unwrap() * 2 },
                _ = put!(full, $sum * 2) => $block
                default => $block
            };
            let fourth = alt! {
                take!(full) => 1,
                default => $handler * 2 + 1,
            };
            let fifth = alt! {
                take!(full) => $block
                default => $block
            };
            let sixth = alt! {
                got = await!($wait) => got.unwrap() + $sum,
                sleep!($time) => 0,
            };
            let before = async_dsl::time::now();
            alt! {
                sleep!($time * 2) => {}
                sleep!($time + 31ms) => unreachable!("later"),
            }
            assert_eq!(async_dsl::time::now() - before, Duration::from_millis(60));
            assert_eq!(take!($put), None);
            (first, second, third, fourth, fifth, sixth)
        })
        .await
    };
}

#[async_dsl::test]
async fn arms_take_expressions_patterns_and_blocks() {
    let own = Own {
        channel: chan::fixed(1),
    };
    let closed = Own {
        channel: chan::fixed(1),
    };
    closed.channel.close();
    put!(own.channel, 7).unwrap();
    let (resolver, promised) = promise();
    resolver.deliver(5);
    let waits = (promised, 0);
    let got = arms!(
        own.channel,
        1 + 2,
        10ms + 20ms,
        true && false,
        n,
        n,
        n,
        &closed.channel,
        waits.0,
        4 + 1,
        { 9 }
    );
    assert_eq!(got, (14, 10, 12, 11, 9, 8));
}

macro_rules! heads {
    (
        $sum:expr, $block:block, $capture:ident, $type:ty, $state:pat, $name:ident, $agent:expr, $task:literal, $format:expr,
        $text:expr
    ) => {
        async_block!({
            assert_eq!(go!($sum * 2).await, 6);
            assert_eq!(go!($sum).await, 3);
            assert_eq!(go!($block).await, 7);
            assert_eq!(go!(|$capture| $sum * $capture).await, 6);
            assert_eq!(go!(|other = $sum, $capture = $sum * 2| other * $capture).await, 18);
            assert_eq!(
                go!(|$capture| -> $type { Ok($sum * $capture) }).await,
                Ok(6)
            );
            assert_eq!(
                go!(|mut $capture| -> Option<$type> {
                    $capture += $sum;
                    Some(Ok($capture))
                })
                .await,
                Some(Ok(5))
            );
            assert_eq!(go!(name = $task, |$capture| $block + $capture).await, 9);
            assert_eq!(go!(name = $format, $block).await, 7);
            assert_eq!(async_block!($sum * 2).await, 6);
            assert_eq!(
                async_block!(|$capture| -> $type { Ok($block * $capture) }).await,
                Ok(14)
            );
            assert_eq!(timeout!(1s, $block), Ok(7));
            assert_eq!(
                timeout!(1s, |$capture| -> $type { Ok($sum * $capture) }),
                Ok(Ok(6))
            );
            send!($agent, |$state| $name + $sum).unwrap();
            send!(&$agent, |$state| { $name * $sum }).unwrap();
            send!($agent, |$state| -> $type { Ok($name + $sum) }).unwrap();
            $agent.settled().await.unwrap();
            assert_eq!($agent.get().unwrap(), 12 + 3);
            assert!(
                expand!(go!({
                    yield_now!();
                    $sum * 2
                }))
                .contains("(1 + 2) * 2"),
                $text
            );
            assert!(expand!(go!($sum * 2)).contains("(1 + 2) * 2"), $text);
            assert!(
                expand!(alt! { take!($capture), if !$sum => $sum * 2, default => $block })
                    .contains("!(1 + 2)"),
                $text
            );
        })
        .await
    };
}

#[async_dsl::test]
async fn openers_take_expressions_types_and_patterns_in_their_heads() {
    struct Held {
        agent: Agent<i32>,
    }
    let held = Held { agent: agent(1) };
    let two = 2;
    heads!(
        1 + 2,
        { 7 },
        two,
        Result<i32, String>,
        n,
        n,
        held.agent,
        "named",
        format!("named {}", two + 1),
        "a text"
    );
}

#[test]
fn threads_take_expressions_types_and_blocks() {
    macro_rules! heads {
        ($sum:expr, $block:block, $capture:ident, $type:ty) => {{
            assert_eq!(async_dsl::block_on(thread!($sum * 2)), 6);
            assert_eq!(async_dsl::block_on(thread!($block)), 7);
            assert_eq!(async_dsl::block_on(thread!(|$capture| $sum * $capture)), 6);
            assert_eq!(
                async_dsl::block_on(thread!(|$capture| -> $type { Ok($sum * $capture) })),
                Ok(6)
            );
        }};
    }
    LazyLock::force(&MAIN);
    let two = 2;
    heads!(1 + 2, { 7 }, two, Result<i32, String>);
}

macro_rules! functions {
    (
        $run:ident, $test:ident, $method:ident, $public:vis, $private:vis, $l:lifetime, $pattern:pat, $name:ident, $type:ty, $sum:expr, $block:block,
        $bound:path, $result:ty, $allowed:meta, $seeds:expr, $workers:literal
    ) => {
        #[$allowed]
        #[linear]
        $public async fn $run<$l, T: $bound>($pattern: $type, text: &$l T, f: &$type) -> $result {
            yield_now!();
            let _ = f;
            let _: &$l T = text;
            Ok($name * $sum * 2)
        }

        struct Methods;

        impl Methods {
            #[$allowed]
            #[linear]
            $private async fn $method(&self, $pattern: $type) -> $result $block
        }

        #[async_dsl::test(seeds = $seeds)]
        $private async fn $test() {
            yield_now!();
            assert_eq!($run(2, &1, &1).await, Ok(12));
            assert_eq!(Methods.$method(2).await, Ok(7));
        }

        mod main {
            use super::*;

            #[async_dsl::main(workers = $workers)]
            pub(super) async fn main() -> $result {
                yield_now!();
                Ok($sum * 2)
            }
        }
    };
}
functions!(
    run, functions_made_by_macros_are_linear_code, method, pub(crate), , 'text, mut n, n, i32, 1 + 2,
    { n += { yield_now!(); 5 }; Ok(n) }, std::fmt::Debug, Result<i32, Vec<u8>>, allow(unused_mut), 1 + 2, 2
);

/// What it sets, the number of workers, can be set only before anything else in this process uses them.
static MAIN: LazyLock<Result<i32, Vec<u8>>> = LazyLock::new(main::main);

#[test]
fn mains_made_by_macros_are_linear_code() {
    assert_eq!(*MAIN, Ok(6));
}

// A fragment passes through several macros, and through macros of others.
#[async_dsl::test]
async fn fragments_of_fragments_are_one_expression() {
    macro_rules! inner {
        ($e:expr, $one:tt) => {
            async_block!({
                yield_now!();
                let texts = (format!("{}", $e * 2), vec![$e * 2, { yield_now!(); $e * 3 }], stringify!($e));
                (texts, $one * 2, matches!($e, n if n == $e && { yield_now!(); $e * 2 == 6 }))
            })
        };
    }
    macro_rules! outer {
        ($e:expr) => {
            inner!($e, $e)
        };
    }
    let (texts, twice, matched) = outer!(1 + 2).await;
    assert_eq!(texts, ("6".to_owned(), vec![6, 9], "1 + 2"));
    assert_eq!((twice, matched), (6, true));
}
