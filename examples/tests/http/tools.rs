//! Real clients, from Debian's packages `curl`, `netcat-openbsd`, `wrk` and `apache2-utils`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::programs::Said;

/// Whether a tool is not installed; a line says so, and the test has to end. In CI that is a failure instead.
pub(crate) fn missing(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()) {
        return false;
    }
    assert!(std::env::var_os("CI").is_none(), "{tool} is not installed");
    eprintln!("not tested: {tool} is not installed");
    true
}

/// Runs a tool to its end, with this on its standard input.
pub(crate) fn run(tool: &str, args: &[&str], input: &[u8]) -> Said {
    let mut child = Command::new(tool)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    // Short enough for the pipe.
    stdin.write_all(input).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends").into()
}
