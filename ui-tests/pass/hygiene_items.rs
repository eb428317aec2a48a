//! X9: items of the user's with the names of ours, and of what our expansions use, change nothing.
#![allow(non_upper_case_globals, non_camel_case_types, dead_code)]
use async_dsl::prelude::*;

const channel: u32 = 1;
const put: u32 = 2;
const got: u32 = 3;
static late: u32 = 4;
static choice: u32 = 5;
struct permit;
const value: u32 = 6;
const operand: u32 = 7;
const operand_0: u32 = 7;
const never: u32 = 8;

fn main() {
    let numbers = chan::fixed(8);
    let started = go!(|numbers| -> std::io::Result<u32> {
        put!(numbers, channel).unwrap();
        put!(numbers, put, 1s).unwrap();
        assert_eq!(take!(numbers), Some(1));
        assert_eq!(take!(numbers, 1s, got), Some(2));
        assert_eq!(take!(numbers, 1ms, got), Some(3));
        let won = alt! {
            n = take!(numbers), if late > 100 => n,
            sleep!(1h) => None,
            s = put!(numbers, choice), if late == 4 => s.ok().map(|()| 1),
        };
        assert_eq!(won, Some(1));
        let won = alt! {
            biased;
            n = take!(numbers) => n,
            put!(numbers, choice) => None,
            sleep!(1s) => None,
        };
        assert_eq!(won, Some(5));
        let (one, two) = await!(go!({ 1 }), go!({ 2 }));
        let all = await!(each [go!({ 3 })]);
        let (three, rest) = join!(go!({ 3 }), async { join!(each [go!({ 4 })]) });
        assert_eq!((three, rest), (3, vec![4]));
        assert_eq!(try_join!(async { Ok::<_, ()>(1) }, async { try_join!(each [go!({ Ok(2) })]) }), Ok((1, vec![2])));
        assert_eq!(race!(async { 1 }, async { race!(each [go!({ 1 })]) }), 1);
        assert!(timeout!(1s, { yield_now!() }).is_ok());
        Ok(one + two + all[0])
    });
    let counter = agent(0);
    send!(counter, |n| { n + 1 }).unwrap();
    send!(counter, |n| -> std::io::Result<u32> { Ok(n + 1) }).unwrap();
    counter.settled_blocking().unwrap();
    assert_eq!(async_dsl::block_on(thread!(|counter| { counter.get().unwrap() })), 2);
    assert_eq!(async_dsl::block_on(started).unwrap(), 6);
}
