//! What is parked or started knows its line.

use std::panic::Location;

use async_dsl::chan::{Put, PutFor, Reserve, Source, Take, Target};
use async_dsl::inspect::At;
use async_dsl::prelude::*;

macro_rules! start {
    ($($code:tt)*) => {
        go!($($code)*)
    };
}

#[test]
fn a_task_knows_the_line_of_its_opener() {
    let one = chan::fixed::<u32>(1);
    let tasks = [
        (go!({ 1 }).started_at(), line!()),
        (
            go!(|one| -> u32 {
                put!(one, 1).ok();
                1
            })
            .started_at(),
            line!() - 5,
        ),
        (thread!({ 1 }).started_at(), line!()),
        (start!({ 1 }).started_at(), line!()),
    ];
    for (started_at, line) in tasks {
        assert_eq!((started_at.file(), started_at.line()), (file!(), line));
    }
}

/// A channel that notes where it was used.
struct Noting<'a>(&'a Chan<u32>, std::sync::Mutex<Vec<u32>>);

impl Noting<'_> {
    fn note(&self, at: &Location<'_>) {
        self.1.lock().unwrap().push(at.line());
    }
}

impl Source for Noting<'_> {
    type Item = u32;
    type Take<'a>
        = Take<'a, u32>
    where
        Self: 'a;

    #[track_caller]
    fn take_operation(&self, _: At) -> Take<'_, u32> {
        self.note(Location::caller());
        self.0.take()
    }
}

impl Target for Noting<'_> {
    type Item = u32;
    type Put<'a>
        = Put<'a, u32>
    where
        Self: 'a;
    type PutFor<'a>
        = PutFor<'a, u32>
    where
        Self: 'a;
    type Reserve<'a>
        = Reserve<'a, u32>
    where
        Self: 'a;

    #[track_caller]
    fn put_operation(&self, value: u32, _: At) -> Put<'_, u32> {
        self.note(Location::caller());
        self.0.put(value)
    }

    #[track_caller]
    fn put_for_operation(&self, value: u32, limit: std::time::Duration, _: At) -> PutFor<'_, u32> {
        self.note(Location::caller());
        self.0.put_for(value, limit)
    }

    #[track_caller]
    fn reserve_operation(&self, _: At) -> Reserve<'_, u32> {
        self.note(Location::caller());
        self.0.reserve()
    }
}

#[test]
fn a_word_knows_its_line() {
    let numbers = chan::fixed(4);
    let noting = Noting(&numbers, std::sync::Mutex::default());
    let on = &noting;
    let first = async_dsl::block_on(async_block!({
        let first = line!();
        put!(on, 1).ok();
        take!(on);
        put!(on, 1, 1s).ok();
        let _ = (
            1,
            take!(on, 1s, 1), //
        );
        alt! {
            biased;
            _ = take!(on) => (),
            _ = put!(on, 1), if first > 0 => (),
        }
        println!(
            "{:?}",
            take!(on), //
        );
        first
    }));
    let lines = noting.1.into_inner().unwrap();
    let lines: Vec<u32> = lines.iter().map(|line| line - first).collect();
    assert_eq!(lines, [1, 2, 3, 6, 10, 11, 15]);
}
