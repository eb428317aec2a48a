//! Where a program waits for the network.

use async_dsl::inspect::WaitsFor;
use async_dsl::net::{tcp, unix};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

#[test]
fn a_task_that_waits_for_the_network_is_shown_with_its_line() {
    let scheduler = Scheduler::manual();
    let (one, _other) = unix::pair().unwrap();
    let listener = scheduler.block_on(tcp::listen(0)).unwrap();
    let line = line!() + 2;
    scheduler.enter(|| {
        go!(|one| { take!(one).map(drop) });
        go!({
            alt! {
                _ = take!(one) => {}
                _ = await!(listener.accept()) => {}
            }
        });
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let first = &snapshot.tasks[0].parked[0];
    assert_eq!(first.text, "take!(one)");
    assert_eq!(first.place.unwrap().line, line);
    assert_eq!(first.waits_for, WaitsFor::Socket);
    let arms = &snapshot.tasks[1].parked;
    assert_eq!(arms[0].text, "take!(one)");
    assert!(arms[0].is_arm);
    assert_eq!(arms[1].text, "await!(listener.accept())");
    assert!(snapshot.to_string().contains("the network"), "{snapshot}");
}
