//! The seed's TCP cases and slides.

use std::io::ErrorKind;
use std::time::Duration;

use async_dsl::net::{Lines, Options, tcp};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

use super::{ask, connect};

/// The seed's handler: some time, then one more.
#[linear]
async fn add_one(line: String) -> String {
    sleep!(100ms);
    match line.parse::<i64>() {
        Ok(n) => (n + 1).to_string(),
        Err(error) => error.to_string(),
    }
}

// S40
#[async_dsl::test(threads = 2)]
async fn a_server_on_a_free_port_answers() {
    let server = tcp::serve_lines(0, Options::new(), add_one).await.unwrap();
    assert_ne!(server.local_addr().unwrap().port(), 0);
    assert!(server.local_addr().unwrap().ip().is_loopback());
    let conn = connect(&server).await;
    assert_eq!(ask(&conn, "41").await.unwrap(), "42");
    assert_eq!(
        ask(&conn, "one").await.unwrap(),
        "invalid digit found in string"
    );
}

// S40
#[test]
fn a_server_runs_on_a_scheduler_driven_by_hand() {
    let scheduler = Scheduler::manual();
    scheduler.block_on(async_block!({
        let server = tcp::serve_lines(0, Options::new(), add_one).await.unwrap();
        let conn = connect(&server).await;
        assert_eq!(ask(&conn, "41").await.unwrap(), "42");
        server.shutdown(1s).await;
    }));
    assert_eq!(scheduler.task_count(), 0);
}

// S41
#[async_dsl::test(threads = 2)]
async fn the_same_port_twice_is_an_error() {
    let server = tcp::serve_lines(0, Options::new(), add_one).await.unwrap();
    let address = server.local_addr().unwrap();
    let second = tcp::serve_lines(address, Options::new(), add_one).await;
    assert_eq!(second.unwrap_err().kind(), ErrorKind::AddrInUse);
    let third = tcp::listen(("localhost", address.port())).await;
    assert_eq!(third.unwrap_err().kind(), ErrorKind::AddrInUse);
    let conn = connect(&server).await;
    assert_eq!(ask(&conn, "1").await.unwrap(), "2");
}

// S42
#[async_dsl::test(threads = 2)]
async fn after_a_server_has_stopped_puts_and_takes_fail() {
    let server = tcp::serve_lines(0, Options::new(), add_one).await.unwrap();
    let conn = connect(&server).await;
    assert_eq!(ask(&conn, "1").await.unwrap(), "2");
    server.shutdown(5s).await;
    // The system may accept a few writes before it knows.
    let failed = timeout!(30s, {
        while put!(conn, "1".to_string()).is_ok() {
            sleep!(1ms);
        }
    });
    failed.expect("puts went on succeeding");
    assert!(!matches!(take!(conn), Some(Ok(_))));
    let address = server.local_addr().unwrap();
    let refused = tcp::connect(address).await.unwrap_err();
    assert!(refused.to_string().contains("refused"), "{refused}");
}

// S43
#[test]
fn sequential_requests_add_up_and_simultaneous_ones_do_not() {
    let delay = Duration::from_millis(100);
    async_dsl::block_on(async_block!({
        let server = tcp::serve_lines(0, Options::new(), add_one).await.unwrap();
        let address = server.local_addr().unwrap();
        let send = |n: i64| {
            go!({
                let conn = tcp::connect(address).await.unwrap().framed(Lines::new());
                put!(conn, n.to_string()).unwrap();
                take!(conn).unwrap().unwrap().parse::<i64>().unwrap()
            })
        };
        let start = async_dsl::time::now();
        for n in 1..=3 {
            assert_eq!(send(n).await, n + 1);
        }
        assert!(start.elapsed() >= 3 * delay);

        let start = async_dsl::time::now();
        let answers: Vec<i64> = await!(each (0..100).map(send));
        assert_eq!(answers, (1..=100).collect::<Vec<_>>());
        let elapsed = start.elapsed();
        assert!(elapsed >= delay);
        // One after the other they would take ten seconds.
        assert!(elapsed < 50 * delay, "{elapsed:?}");
    }));
}
