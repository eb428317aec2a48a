//! I8: nothing depends on what the crate is called.
#![deny(warnings)]
use dsl::prelude::*;

#[linear(crate = dsl)]
async fn next(c: &Chan<i32>) -> Option<i32> {
    take!(c)
}

#[dsl::test(crate = dsl)]
async fn words_work_under_another_name() {
    let c = chan::fixed(2);
    let task = go!(|c| {
        put!(c, 1).unwrap();
        sleep!(1ms);
        await!(go!({ 2 }), go!({ 3 }))
    });
    let got = alt! {
        n = take!(c) => n,
        sleep!(1min) => None,
    };
    assert_eq!(got, Some(1));
    assert_eq!(task.await, (2, 3));
    assert_eq!(dsl::take!(c, 1ms, 4), Some(4));
    assert_eq!(go!(|c| { dsl::take!(c, 1ms, 4) }).await, Some(4));
    assert_eq!(
        async_block!(|c| { dsl::prelude::take!(c, 1ms, 4) }).await,
        Some(4)
    );
    put!(c, 5).unwrap();
    assert_eq!(next(&c).await, Some(5));
    let state = agent(1);
    send!(state, |n| { n + 1 }).unwrap();
    state.settled().await.unwrap();
    assert_eq!(state.get().unwrap(), 2);
}
