//! Descriptors: running out of them, and leaking none. Each of these tests runs in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_dsl::net::{Options, tcp};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use rustix::process::{Resource, getrlimit, setrlimit};
use socket2::SockRef;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::echo;

const VARIABLE: &str = "ASYNC_DSL_TEST_ALONE";

/// Whether this is the process of its own.
fn is_alone() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Runs one test of this program, and nothing else, in a process of its own.
fn alone(test: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(VARIABLE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Waits until there are no more tasks and descriptors than before.
fn settle(before: (usize, usize), step: &str) {
    let waited = Instant::now();
    loop {
        let now = (Scheduler::global().task_count(), descriptors());
        if now.0 <= before.0 && now.1 <= before.1 {
            return;
        }
        let late = waited.elapsed() > Duration::from_secs(60);
        assert!(
            !late,
            "{step}: {now:?} tasks and descriptors, before {before:?}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_client_killed_at_any_byte_leaks_nothing() {
    if !is_alone() {
        let child = alone("descriptors::a_client_killed_at_any_byte_leaks_nothing");
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        return;
    }
    const REQUEST: &[u8] = b"first line\nsecond, longer line\nhalf a li";
    let server = async_dsl::block_on(tcp::serve_lines(0, Options::new(), echo)).unwrap();
    let address = server.local_addr().unwrap();
    let dies = |sent: usize, read: usize, resets: bool| {
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(&REQUEST[..sent]).unwrap();
        // As much of the answer as there will be.
        let answered = REQUEST[..sent].iter().rposition(|byte| *byte == b'\n');
        let read = read.min(answered.map_or(0, |end| end + 1));
        client.read_exact(&mut vec![0; read]).unwrap();
        if resets {
            SockRef::from(&client)
                .set_linger(Some(Duration::ZERO))
                .unwrap();
        }
    };
    dies(REQUEST.len(), 5, false); // whatever is made once is made now
    let waited = Instant::now();
    while server.counters().open > 0 {
        assert!(waited.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(1));
    }
    let before = (Scheduler::global().task_count(), descriptors());
    for resets in [false, true] {
        for sent in 0..=REQUEST.len() {
            for read in [0, 1, REQUEST.len()] {
                dies(sent, read, resets);
            }
        }
        settle(before, "killed");
    }
    assert_eq!(server.counters().open, 0);
    async_dsl::block_on(server.shutdown(Duration::from_secs(1)));
}

static WARNINGS: AtomicU32 = AtomicU32::new(0);

/// Counts warnings.
struct Warnings;

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, _: &Event<'_>) {
        WARNINGS.fetch_add(1, Ordering::Relaxed);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The server of [`without_descriptors_a_server_waits_and_goes_on`], in its own process.
#[linear]
async fn serve_with_few_descriptors() {
    let own = descriptors() as u64;
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(own + 40);
    setrlimit(Resource::Nofile, limit).unwrap();
    tracing::subscriber::set_global_default(Warnings).unwrap();
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    println!("port {}", server.local_addr().unwrap().port());
    let (lines, commands) = chan::<String>().split();
    let reading = thread!({
        for line in std::io::stdin().lines() {
            lines.try_put(line.unwrap()).unwrap();
        }
    });
    // Until its input ends, or it is killed.
    while let Some(command) = take!(commands) {
        assert_eq!(command, "pauses");
        let warnings = WARNINGS.load(Ordering::Relaxed);
        println!("pauses {}", server.counters().pauses);
        println!("warnings {warnings}");
    }
    reading.await;
}

#[test]
fn without_descriptors_a_server_waits_and_goes_on() {
    if is_alone() {
        async_dsl::block_on(serve_with_few_descriptors());
        return;
    }
    let mut child = alone("descriptors::without_descriptors_a_server_waits_and_goes_on");
    let mut commands = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut number_after = |word: &str| loop {
        let mut line = String::new();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "no `{word}`");
        if let Some((_, number)) = line.split_once(word) {
            break number.trim().parse::<u64>().unwrap();
        }
    };
    let port = u16::try_from(number_after("port ")).unwrap();
    let mut clients: Vec<TcpStream> = (0..60)
        .map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap())
        .collect();
    let mut pauses = || {
        commands.write_all(b"pauses\n").unwrap();
        let pauses = number_after("pauses ");
        let warnings = number_after("warnings ");
        assert!(warnings <= 1, "{warnings} warnings");
        pauses
    };
    let start = Instant::now();
    while pauses() < 3 {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(10));
    }
    // It does not spin: 50, 100, 200, 400, 800 ms, then one a second.
    std::thread::sleep(Duration::from_secs(1));
    let (seen, elapsed) = (pauses(), start.elapsed().as_secs());
    assert!(seen <= 6 + elapsed, "{seen} pauses in {elapsed} s");

    let mut ask = |client: &mut TcpStream| {
        client.write_all(b"hello\n").unwrap();
        let mut answer = [0; 6];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"hello\n");
    };
    // The first ones were served all along, and the last ones are once the first have gone.
    clients[..20].iter_mut().for_each(&mut ask);
    let last = clients.split_off(40);
    drop(clients);
    for mut client in last {
        ask(&mut client);
    }
    drop(commands);
    assert!(child.wait().unwrap().success());
}
