//! Clients that are not our own.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use async_dsl::net::{Lines, Options, tcp, unix};
use async_dsl::prelude::*;

use super::echo;

/// Starts netcat, which `.ci/run` installs.
fn nc(arguments: &[&str]) -> Child {
    Command::new("nc")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("these tests need `nc`: apt-get install netcat-openbsd")
}

/// Gives netcat its input, and waits for its output.
fn converse(mut nc: Child, input: &str) -> String {
    nc.stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = nc.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[async_dsl::test(threads = 2)]
async fn netcat_gets_its_answers() {
    let server = tcp::serve_lines(0, Options::new(), async |line: String| {
        sleep!(10ms);
        line.parse()
            .map_or("not a number".to_string(), |n: i64| (n + 1).to_string())
    })
    .await
    .unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    // -N: it ends its direction after its input, and waits for the answers.
    let output = thread!({ converse(nc(&["-N", "127.0.0.1", &port]), "41\r\none\n99") }).await;
    assert_eq!(output, "42\nnot a number\n100\n");
}

#[async_dsl::test(threads = 2)]
async fn netcat_gets_its_answers_over_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("async-dsl-nc-{}", std::process::id()));
    let server = unix::listen(&path)
        .unwrap()
        .serve_lines(Options::new(), echo);
    let socket = path.to_str().unwrap().to_owned();
    let output = thread!({ converse(nc(&["-N", "-U", &socket]), "over\na socket\n") }).await;
    assert_eq!(output, "over\na socket\n");
    server.shutdown(1s).await;
    std::fs::remove_file(path).unwrap();
}

#[async_dsl::test(threads = 2)]
async fn a_server_that_is_netcat_is_connected_to() {
    let path = std::env::temp_dir().join(format!("async-dsl-nc-l-{}", std::process::id()));
    let mut server = nc(&["-N", "-l", "-U", path.to_str().unwrap()]);
    let conn = loop {
        match unix::connect(&path).await {
            Ok(conn) => break conn.framed(Lines::new()),
            Err(_) => sleep!(1ms), // it is still starting
        }
    };
    put!(conn, "hello".to_string()).unwrap();
    let mut input = server.stdin.take().unwrap();
    input.write_all(b"good day\n").unwrap();
    assert_eq!(take!(conn).unwrap().unwrap(), "good day");
    drop(input);
    assert!(take!(conn).is_none());
    drop(conn);
    let output = thread!({ server.wait_with_output().unwrap() }).await;
    assert_eq!(output.stdout, b"hello\n");
    std::fs::remove_file(path).ok();
}
