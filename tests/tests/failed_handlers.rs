//! Handlers that fail, and clients that are cut: who is told. On the simulated network, whose time takes none.

use std::sync::{Mutex, Once};

use async_dsl::net::{Conn, Error, FailedHandler, Lines, Options, on_failed_handler, tcp};
use async_dsl::prelude::*;
use async_dsl::sim::{self, Config};
use async_dsl_tests::warnings::Warnings;

/// The warnings of a program under one schedule.
fn warnings(program: impl AsyncFn()) -> Vec<String> {
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || {
        sim::check(&Config::new().replay(0.into()), program).unwrap();
    });
    let given = warnings.0.lock().unwrap();
    given.clone()
}

static TOLD: Mutex<Vec<FailedHandler>> = Mutex::new(Vec::new());

/// What the hook was told of servers started at this line. The hook is the process's: tests share it.
fn told(line: u32) -> Vec<FailedHandler> {
    let told = TOLD.lock().unwrap();
    let here = |failed: &&FailedHandler| {
        failed.served_at().line() == line && failed.served_at().file() == file!()
    };
    told.iter().filter(here).cloned().collect()
}

/// Makes the hook panic.
const PANIC: &str = "the hook panics, too";

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        on_failed_handler(|failed| {
            TOLD.lock().unwrap().push(failed.clone());
            if failed.message() == PANIC {
                // Without the message on standard error.
                std::panic::resume_unwind(Box::new(PANIC));
            }
        });
    });
}

/// Fails with what it is sent.
#[linear]
async fn fail(conn: Conn) -> Result<(), String> {
    let conn = conn.framed(Lines::new());
    match take!(conn) {
        Some(Ok(line)) => Err(line),
        _ => Ok(()),
    }
}

#[async_dsl::test(seed = 0)]
async fn each_failed_handler_is_told_to_the_hook_with_its_server_and_client() {
    listen();
    let line = line!() + 2;
    let options = Options::new();
    let server = tcp::serve(80, options, fail).await.unwrap();
    let mut clients = Vec::new();
    for n in 0..3 {
        let conn = tcp::connect(80).await.unwrap().framed(Lines::new());
        put!(conn, format!("out of luck {n}")).unwrap();
        assert!(take!(conn).is_none());
        clients.push(conn.local_addr().unwrap());
    }
    assert_eq!(server.counters().failed_handlers, 3);
    let told = told(line);
    assert_eq!(told.len(), 3);
    for (n, (failed, client)) in told.iter().zip(clients).enumerate() {
        assert_eq!(failed.message(), format!("out of luck {n}"));
        assert_eq!(failed.peer_addr(), Some(client));
        let at = failed.served_at();
        let text = format!("a handler of the server at {at} failed for {client}: out of luck {n}");
        assert_eq!(failed.to_string(), text);
    }
}

#[async_dsl::test(seed = 0)]
async fn a_handler_that_is_not_done_in_time_has_failed() {
    listen();
    let line = line!() + 2;
    let options = Options::new().handler(5s);
    let server = tcp::serve(80, options.clone(), async |_: Conn| sleep!(1h)).await;
    let conn = tcp::connect(80).await.unwrap();
    assert!(take!(conn).is_none());
    drop(server);
    let lines = tcp::serve_lines(81, options, async |line: String| {
        sleep!(1h);
        line
    });
    let server = lines.await;
    let conn = tcp::connect(81).await.unwrap().framed(Lines::new());
    put!(conn, "hang".to_string()).unwrap();
    let last = take!(conn).unwrap().unwrap();
    assert_eq!(last, "error: no answer in the time given");
    drop(server);
    for at in [line, line + 4] {
        let [failed] = &told(at)[..] else {
            panic!("{:?}", told(at))
        };
        assert_eq!(failed.message(), "no answer in the time given");
    }
}

#[test]
fn failed_handlers_are_one_warning_a_second() {
    let given = warnings(|| {
        async_block!({
            let server = tcp::serve(80, Options::new(), fail).await;
            for second in 0..3 {
                for n in 0..4 {
                    let conn = tcp::connect(80).await.unwrap().framed(Lines::new());
                    put!(conn, format!("{second} {n}")).unwrap();
                    assert!(take!(conn).is_none());
                }
                sleep!(2s);
            }
            drop(server);
        })
    });
    assert_eq!(given.len(), 3, "{given:#?}");
    assert!(given[0].contains("failed_handlers.rs:"), "{given:#?}");
    assert!(given[0].ends_with(": 0 0 "), "{given:#?}");
    for (second, warning) in given.iter().enumerate().skip(1) {
        let last = format!(": {second} 0 (and 3 more since the last warning) ");
        assert!(warning.ends_with(&last), "{given:#?}");
    }
}

#[async_dsl::test(seed = 0)]
async fn a_hook_that_panics_harms_nobody() {
    listen();
    let server = tcp::serve(80, Options::new(), fail).await.unwrap();
    for _ in 0..2 {
        let conn = tcp::connect(80).await.unwrap().framed(Lines::new());
        put!(conn, PANIC.to_string()).unwrap();
        assert!(take!(conn).is_none());
    }
    assert_eq!(server.counters().failed_handlers, 2);
    assert_eq!(server.counters().panicked_handlers, 0);
}

/// Sends news for a day, and takes what comes.
#[linear]
async fn news(conn: Conn) -> Result<(), Error> {
    let conn = conn.framed(Lines::new());
    for hour in 0..24 {
        alt! {
            line = take!(conn) => if line.transpose()?.is_none() { return Ok(()) },
            sleep!(1h) => put!(conn, format!("hour {hour}"))?,
        }
    }
    Ok(())
}

#[test]
fn a_client_that_only_listens_is_cut_with_a_warning() {
    let given = warnings(|| {
        async_block!({
            let server = tcp::serve(80, Options::new(), news).await.unwrap();
            for n in 1..=2 {
                let conn = tcp::connect(80).await.unwrap().framed(Lines::new());
                let start = async_dsl::time::now();
                assert!(take!(conn).is_none(), "no news");
                assert!(async_dsl::time::now() - start >= 29s);
                assert_eq!(server.counters().no_first_byte, n);
            }
        })
    });
    assert_eq!(
        given.len(),
        3,
        "one of the limit, two of handlers: {given:#?}"
    );
    assert!(given[0].contains("`Options::long_lived`"), "{given:#?}");
    let limit = "no first byte in the time given";
    assert!(
        given.iter().all(|given| given.contains(limit)),
        "{given:#?}"
    );
}

#[test]
fn a_client_of_a_long_lived_server_may_only_listen() {
    let given = warnings(|| {
        async_block!({
            let server = tcp::serve(80, Options::long_lived(), news).await.unwrap();
            let conn = tcp::connect(80).await.unwrap().framed(Lines::new());
            for hour in 0..24 {
                assert_eq!(take!(conn).unwrap().unwrap(), format!("hour {hour}"));
            }
            assert!(take!(conn).is_none());
            // What it begins to say it must finish.
            let conn = tcp::connect(80).await.unwrap();
            put!(conn, b"half a li".to_vec()).unwrap();
            assert!(take!(conn).is_none());
            assert_eq!(server.counters().slow_frames, 1);
        })
    });
    assert_eq!(given.len(), 1, "{given:#?}");
}
