//! Programs that tests run: the examples, and tools of the system.
#![allow(clippy::missing_panics_doc)] // then the test fails

use std::process::Command;

/// An example, built by cargo beside the test that asks.
#[must_use]
pub fn example(name: &str) -> Command {
    // target/debug/deps/test-… → target/debug/examples/name
    let mut path = std::env::current_exe().expect("this test is a program");
    path.pop();
    path.pop();
    Command::new(path.join("examples").join(name))
}

/// Whether a tool is not installed; a line says so, and the test has to end. In CI that is a failure instead.
#[must_use]
pub fn missing(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()) {
        return false;
    }
    assert!(std::env::var_os("CI").is_none(), "{tool} is not installed");
    eprintln!("not tested: {tool} is not installed");
    true
}
