//! What each buffer does with five values that no task takes: one loop, five channels.

use async_dsl::chan::{Buffer, Stats};
use async_dsl::prelude::*;

/// A custom buffer: keeps even numbers only.
struct Even(Vec<u32>);

impl Buffer<u32> for Even {
    fn push(&mut self, value: u32) -> Option<u32> {
        if value % 2 == 1 {
            return Some(value); // returned: discarded, and counted
        }
        self.0.push(value);
        None
    }

    fn pop(&mut self) -> Option<u32> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

#[async_dsl::main]
async fn main() {
    let channels = [
        ("unbounded", chan()),
        ("fixed(3)", chan::fixed(3)),
        ("dropping(3)", chan::dropping(3)),
        ("sliding(3)", chan::sliding(3)),
        ("even only", chan::with(Even(Vec::new()))),
    ];
    for (name, c) in channels {
        let mut given_back = Vec::new();
        for i in 1..=5 {
            // A parked put whose time limit elapses returns its value.
            if let Err(error) = put!(c, i, 1ms) {
                given_back.push(error.into_inner());
            }
        }
        c.close(); // what is in the buffer can still be taken
        let mut kept = Vec::new();
        while let Some(value) = take!(c) {
            kept.push(value);
        }
        let Stats {
            puts,
            takes,
            discarded,
            high_water,
            ..
        } = c.stats();
        println!("{name:>12}: kept {kept:?}, given back {given_back:?}");
        println!(
            "{:>12}  puts {puts}, takes {takes}, discarded {discarded}, high water {high_water}",
            ""
        );
    }
}
