//! Clients that are not ours: `nc`.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use async_dsl::chan;
use async_dsl::console::{self, Options};

use crate::limits;
use crate::socket::folder;

/// What `nc` prints when it sends `input` and then ends its direction; nothing if there is no `nc`, which CI does not
/// accept.
fn nc(arguments: &[&str], input: &str) -> Option<String> {
    // `-N` is how the one of OpenBSD is told to end its direction; `-w` is for a test that fails.
    let nc = Command::new("nc")
        .args(["-N", "-w", "60"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut nc = match nc {
        Ok(nc) => nc,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "no nc: {error}");
            eprintln!("skipped: no nc: {error}");
            return None;
        }
    };
    let mut stdin = nc.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = nc.wait_with_output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

// S45, S46, S47, S49
#[test]
fn nc_on_a_unix_socket() {
    let jobs = chan::fixed::<String>(8);
    let folder = folder();
    let path = folder.path().join("console");
    let options = Options::unix(&path)
        .limits(limits())
        .export_chan("jobs", &jobs);
    let _console = console::serve(options).unwrap();
    let input = "\n1 + 2 + 3\nlet x = 20; print(x); x + 1\nx * 2 +\nnobody\nput(\"jobs\", \"sweep\")\nx * 2 + 2";
    let Some(output) = nc(&["-U", path.to_str().unwrap()], input) else {
        return;
    };
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines[..4], ["()", "6", "20", "21"]);
    assert!(lines[4].starts_with("error: Syntax error: "), "{output}");
    assert_eq!(
        lines[5..],
        [
            "error: Variable not found: nobody (line 1, position 1)",
            "()",
            "42"
        ]
    );
    assert_eq!(jobs.try_take().as_deref(), Ok("sweep"));
}

#[test]
fn nc_over_tcp() {
    let folder = folder();
    let file = folder.path().join("token");
    let console = console::serve(Options::tcp(0).token_file(&file).limits(limits())).unwrap();
    let address = console.local_addr().unwrap();
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let token = fs::read_to_string(&file).unwrap();
    let Some(output) = nc(&[&host, &port], &format!("{token}1 + 2 + 3\n")) else {
        return;
    };
    assert_eq!(output, "ok\n6\n");
    let without = nc(&[&host, &port], "1 + 2 + 3\n").unwrap();
    assert_eq!(without, "error: wrong token\n");
    let http = nc(&[&host, &port], "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(http, "");
}
