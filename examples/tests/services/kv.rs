//! `kv`, with the clients of Redis.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use async_dsl_tests::programs::missing;
use rustix::process::Signal;

use super::server;

/// What a tool prints.
fn run(tool: &str, port: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(tool);
    let output = command.args(["-p", port]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{tool} {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn redis_cli_gets_its_answers() {
    if missing("redis-cli") {
        return;
    }
    let (mut server, port) = server("kv");
    for (command, answer) in [
        ("PING", "PONG"),
        ("GET nothing", ""),
        ("SET greeting hello", "OK"),
        ("get greeting", "hello"),
        ("INCR visits", "1"),
        ("INCR visits", "2"),
        (
            "INCR greeting",
            "ERR value is not an integer or out of range",
        ),
        ("EXISTS greeting visits nothing greeting", "3"),
        ("DEL greeting nothing", "1"),
        ("GET greeting", ""),
        ("SET big 9223372036854775807", "OK"),
        ("INCR big", "ERR value is not an integer or out of range"),
        (
            "SET only-a-key",
            "ERR unknown command, or wrong number of words",
        ),
        ("FLUSHALL", "ERR unknown command, or wrong number of words"),
    ] {
        let words: Vec<_> = command.split(' ').collect();
        assert_eq!(
            run("redis-cli", &port, &words).trim_end(),
            answer,
            "{command}"
        );
    }
    let spaced = ["SET", "a key", "two\r\nlines"];
    assert_eq!(run("redis-cli", &port, &spaced).trim_end(), "OK");
    assert_eq!(run("redis-cli", &port, &["GET", "a key"]), "two\r\nlines\n");
    server.signal(Signal::TERM);
    assert!(server.ends().success());
}

#[test]
fn redis_benchmark_counts_right_with_pipelines() {
    if missing("redis-benchmark") {
        return;
    }
    let (_server, port) = server("kv");
    let load = "-t ping,set,get,incr -n 4000 -c 20 -P 16 -q";
    let words: Vec<_> = load.split(' ').collect();
    let said = run("redis-benchmark", &port, &words);
    for test in ["PING_INLINE: ", "PING_MBULK: ", "SET: ", "GET: ", "INCR: "] {
        assert!(said.contains(test), "{said}");
    }
    let counter = ["GET", "counter:__rand_int__"];
    assert_eq!(run("redis-cli", &port, &counter).trim_end(), "4000");
}

/// What comes back until the server closes the connection.
fn talk(port: &str, parts: &[&[u8]], is_last: bool) -> String {
    let mut conn = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    conn.set_nodelay(true).unwrap();
    for part in parts {
        conn.write_all(part).unwrap();
    }
    if is_last {
        conn.shutdown(std::net::Shutdown::Write).unwrap();
    }
    let mut said = String::new();
    conn.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn requests_come_in_pieces_and_several_at_once() {
    let (_server, port) = server("kv");
    let request =
        b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\r\n1\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n";
    let answers = "+OK\r\n$3\r\n\r\n1\r\n+PONG\r\n";
    assert_eq!(talk(&port, &[request], true), answers);
    let bytes: Vec<&[u8]> = request.chunks(1).collect();
    assert_eq!(talk(&port, &bytes, true), answers);
}

#[test]
fn what_is_no_request_ends_the_connection() {
    let (_server, port) = server("kv");
    for (request, answer) in [
        (
            &b"PING\r\n*x\r\n"[..],
            "+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n",
        ),
        (
            b"*99999999\r\n",
            "-ERR Protocol error: invalid multibulk length\r\n",
        ),
        (
            b"*1\r\n$-5\r\n",
            "-ERR Protocol error: invalid bulk length\r\n",
        ),
        (
            b"*1\r\n$99999999\r\n",
            "-ERR Protocol error: invalid bulk length\r\n",
        ),
    ] {
        assert_eq!(talk(&port, &[request], false), answer);
    }
    let endless = vec![b'x'; 3 << 20];
    let mut conn = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    // It may be cut off while it is still written.
    let _ = conn.write_all(&endless);
    let mut said = Vec::new();
    let _ = conn.read_to_end(&mut said);
    assert_eq!(
        talk(&port, &[b"PING\r\n"], true),
        "+PONG\r\n",
        "others go on"
    );
}
