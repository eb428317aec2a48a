//! A scheduler that runs tasks only when it is driven: every step can be looked at, as in a debugger.

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

fn main() {
    let scheduler = Scheduler::virtual_time();
    let c = chan::fixed(1);

    scheduler.enter(|| {
        go!(|c| {
            for i in 1..=3 {
                put!(c, i).ok();
                println!("  put {i}");
            }
        });
        go!({
            sleep!(10s);
            println!("  slept for ten seconds");
        });
    });
    println!("started {} tasks, nothing has run", scheduler.task_count());

    println!("one turn for each: {} ran", scheduler.run_once());
    println!(
        "again: {} ran, the putter is parked on a full buffer",
        scheduler.run_once()
    );

    println!("take one: {:?}", c.try_take());
    println!(
        "until all are parked: {} turns",
        scheduler.run_until_parked()
    );

    println!("take the rest: {:?}, {:?}", c.try_take(), c.try_take());
    scheduler.run_until_parked();
    println!(
        "{} task is left, {} timer is pending",
        scheduler.task_count(),
        scheduler.pending_timers()
    );

    let before = scheduler.now();
    scheduler.advance(std::time::Duration::from_secs(10));
    println!(
        "{:?} went by in no time, {} tasks are left",
        scheduler.now() - before,
        scheduler.task_count()
    );
}
