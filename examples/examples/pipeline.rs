//! Stages connected by channels, as in a shell pipe. Each stage ends when the one before it does: when a stage
//! returns, its putter is dropped, and that closes the channel.

use async_dsl::prelude::*;

/// Starts a stage between two channels, and returns the channel it fills.
fn stage<A, B>(input: Taker<A>, step: impl Fn(A) -> Option<B> + Send + 'static) -> Taker<B>
where
    A: Send + 'static,
    B: Send + 'static,
{
    let (putter, output) = chan::fixed(4).split();
    go!({
        while let Some(value) = take!(input) {
            if let Some(value) = step(value) {
                if put!(putter, value).is_err() {
                    break; // the next stage has ended
                }
            }
        }
    });
    output
}

#[async_dsl::main]
async fn main() {
    let (putter, numbers) = chan::fixed(4).split();
    go!({
        for n in 1..=20 {
            put!(putter, n).ok();
        }
    });

    let odd = stage(numbers, |n: u32| (n % 2 == 1).then_some(n));
    let squares = stage(odd, |n| Some(n * n));
    let lines = stage(squares, |n| Some(format!("{n:>4}")));

    while let Some(line) = take!(lines) {
        println!("{line}");
    }
}
