//! `expand!` runs nothing.
#![deny(warnings)]
use async_dsl::prelude::*;

fn main() {
    let c = chan::<u32>();
    let text: &'static str = expand!(go!(|c| { println!("{:?}", take!(c)) }));
    assert!(text.contains("c.async_dsl_take("), "{text}");
    let text = expand!(alt! { n = take!(c) => n, default => None });
    assert!(text.contains("match async_dsl::__private::alt("), "{text}");
    println!("{text}");
    drop(c);
}
