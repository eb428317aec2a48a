//! I7, I8: names of the user's do not change the words, nor the words the user's names.
#![deny(warnings)]
use async_dsl::prelude::*;

fn take(n: i32) -> i32 {
    n
}

fn main() {
    let task = go!({
        let put = 1;
        let alt = 2;
        let (channel, value, chan_, got, choice, never, permit, operand, operand_0) = (3, 4, 5, 6, 7, 8, 9, 10, 11);
        let (__channel, __put, __got, __late, __choice, __value, __operand_0) = (1, 2, 3, 4, 5, 6, 7);
        let c = chan::fixed(4);
        assert!(put!(c, channel).is_ok());
        assert!(put!(c, value, 1s).is_ok());
        assert_eq!(take!(c, 1s, got), Some(3));
        let choice = alt! {
            value = take!(c), if never == 8 => value.unwrap() + choice + permit + operand + operand_0,
            sent = put!(c, permit), if value == 5 => sent.map_or(0, |()| 1),
            default => 0,
        };
        assert_eq!(choice, 4 + 7 + 9 + 10 + 11);
        assert_eq!(__channel + __put + __got + __late + __choice + __value + __operand_0, 28);
        take(put) + alt + chan_
    });
    assert_eq!(async_dsl::block_on(task), 8);
}
