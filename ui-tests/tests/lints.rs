//! Programs that deny every lint may use every macro.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    missing_docs,
    unused_qualifications,
    rust_2018_idioms
)]

use std::io;

use async_dsl::prelude::*;

#[linear]
async fn forward(from: &Taker<u32>, to: &Chan<u32>) -> Result<(), Closed<u32>> {
    while let Some(n) = take!(from) {
        put!(to, n)?;
    }
    Ok(())
}

/// Operands of `.await` that a function's arguments are warned of.
#[linear]
async fn awaits(promise: &Promise<u32>, numbers: &Chan<u32>) -> u32 {
    let text = String::from("text");
    let (one, two) = ((promise).await.is_ok(), (&promise.clone()).await.is_ok());
    let length = async { text.len() }.await;
    let unit = async {};
    unit.await;
    { std::future::ready(()) }.await;
    let mut boxed = Box::pin(numbers.take());
    let taken = boxed.as_mut().await.or(numbers.take().await);
    u32::from(one) + u32::from(two) + u32::from(length == 4) + taken.unwrap_or(0)
}

#[async_dsl::test]
async fn nothing_to_wait_for() {}

#[async_dsl::test(threads = 2)]
async fn every_form() -> io::Result<()> {
    let (putter, taker) = chan::fixed(4).split();
    let out = chan::fixed(16);
    let task = go!(|out| { forward(&taker, &out).await.is_ok() });
    go!({
        for n in 0..8 {
            put!(putter, n).ok();
            put!(putter, n, 1s).ok();
        }
    });
    let counter = agent(0_u32);
    let mut seen = 0;
    loop {
        alt! {
            n = take!(out), if seen < 16 => seen += u32::from(n.is_some()),
            put!(out, seen), if seen > 100 => (),
            ended = await!(task) => {
                assert!(ended);
                break;
            }
            sleep!(1h) => unreachable!(),
        }
    }
    send!(counter, |n| { n + seen }).map_err(io::Error::other)?;
    send!(counter, |n| -> io::Result<u32> { Ok(n + 1) }).map_err(io::Error::other)?;
    let text = thread!(|counter| -> io::Result<String> {
        counter.settled_blocking().map_err(io::Error::other)?;
        Ok(counter.get().map_err(io::Error::other)?.to_string())
    });
    let slow = async_block!(|out| -> Result<u32, async_dsl::time::Elapsed> {
        yield_now!();
        let n = timeout!(1h, { take!(out, 1us, 7) })?;
        Ok(n.unwrap_or_default())
    });
    assert!(slow.await.is_ok());
    let (one, two) = go!({ await!(go!({ 1 }), async { 2 }) }).await;
    let rest = go!({ await!(each (0..3).map(|n| async move { n })) }).await;
    assert_eq!((one, two, rest), (1, 2, vec![0, 1, 2]));
    let (resolver, promise) = promise();
    resolver.deliver(1);
    out.put(1).await.map_err(io::Error::other)?;
    out.close();
    assert!(awaits(&promise, &out).await > 1);
    let n: u32 = text.await?.parse().map_err(io::Error::other)?;
    assert!(n > seen);
    let ready = alt! {
        biased;
        _ = take!(out), if n == 0 => false,
        default => true,
    };
    assert!(ready);
    assert!(!expand!(go!({ take!(out) })).is_empty());
    Ok(())
}
