//! Real clients, from Debian's packages `curl`, `netcat-openbsd`, `wrk` and `apache2-utils`.

use std::io::Write;
use std::process::{Command, Stdio};

pub(crate) use async_dsl_tests::programs::missing;

use crate::programs::Said;

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
