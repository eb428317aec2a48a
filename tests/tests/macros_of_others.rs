//! Macros of others in linear code: those that are called as a word is, and those that take a literal as it is written.
#![deny(warnings)]

use std::time::Duration;

use async_dsl::prelude::*;

/// Another library, whose macros have the names of words.
mod other {
    macro_rules! take {
        ($n:expr) => {
            $n + 1
        };
    }
    macro_rules! put {
        ($($n:expr),*) => { [$($n),*] };
    }
    macro_rules! sleep {
        ($($text:tt)*) => { stringify!($($text)*) };
    }
    macro_rules! go {
        ($block:expr) => {
            $block
        };
    }
    pub(crate) use {go, put, sleep, take};
}

macro_rules! literal {
    ($time:literal) => {
        stringify!($time)
    };
}

macro_rules! expression {
    ($time:expr) => {
        $time
    };
}

#[async_dsl::test]
async fn a_macro_that_is_called_as_a_word_is_found_by_its_path() {
    #[linear]
    async fn linear(c: &Chan<i32>) -> i32 {
        other::take!(take!(c).unwrap())
    }
    let c = chan::fixed(3);
    put!(c, 1).unwrap();
    assert_eq!(other::take!(3), 4);
    assert_eq!(other::take!(take!(c).unwrap()), 2);
    put!(c, 5).unwrap();
    assert_eq!(linear(&c).await, 6);
    let task = go!(|c| {
        put!(c, 7).unwrap();
        let taken = other::go!({ async_dsl::take!(c) });
        (
            other::take!(3),
            other::put!(1, 2),
            self::other::sleep!(well),
            taken,
        )
    });
    assert_eq!(task.await, (4, [1, 2], "well", Some(7)));
    let chosen = alt! {
        n = take!(c) => other::take!(n.unwrap()),
        default => other::take!(8),
    };
    assert_eq!(chosen, 9);
    assert_eq!(
        format!("{} {:?}", other::take!(3), c.try_take().ok()),
        "4 None"
    );
}

#[async_dsl::test]
async fn a_macro_of_the_block_is_no_word() {
    let c = chan::fixed(1);
    put!(c, 1).unwrap();
    let inner = {
        macro_rules! take {
            ($n:expr) => {
                $n + 1
            };
        }
        (take!(3), async_dsl::take!(c))
    };
    assert_eq!(inner, (4, Some(1)));
    put!(c, 2).unwrap();
    assert_eq!(take!(c), Some(2));
}

#[async_dsl::test]
async fn a_duration_literal_reaches_a_macro_that_takes_literals() {
    macro_rules! tokens {
        ($($token:tt)*) => { stringify!($($token)*) };
    }
    macro_rules! evaluates {
        ($time:expr) => {
            $time
        };
    }
    assert_eq!(literal!(20ms), "20ms");
    assert_eq!(stringify!(100ms), "100ms");
    assert_eq!(stringify!(100ms * 2), "100ms * 2");
    assert_eq!(tokens!(every 20ms => 1h), "every 20ms => 1h");
    let task = go!({
        sleep!(1ms);
        (literal!(20ms), stringify!(100ms))
    });
    assert_eq!(task.await, ("20ms", "100ms"));
    let second = Duration::from_secs(1);
    assert_eq!(
        evaluates!(1s),
        second,
        "a macro that the block defines can be looked into"
    );
    assert_eq!(
        expression!((1s)),
        second,
        "parentheses make it an expression"
    );
    assert_eq!(expression!(500ms * 2), second);
    assert_eq!(vec![1s; 1], [second]);
    assert!(matches!(second, s if s > 999ms));
}
