//! `ASYNC_DSL_EXPAND` shows an expansion without running the program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const EXAMPLE: &str = "examples/examples/worker_pool.rs";

// target/debug/deps/expand_variable-… → target
fn target() -> PathBuf {
    let program = env::current_exe().expect("this test is a program");
    program.ancestors().nth(3).expect("a folder").to_owned()
}

/// What `cargo check` of the example says, with `variable`.
fn check(variable: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--package", "async-dsl-examples"])
        .args(["--example", "worker_pool"])
        .env("ASYNC_DSL_EXPAND", variable)
        .env("CARGO_TARGET_DIR", target())
        .output()
        .expect("cargo runs this test");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{said}");
    said
}

/// The line of the example on which `code` starts, and its column.
fn place_of(code: &str) -> (usize, usize) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(EXAMPLE);
    let source = fs::read_to_string(file).expect("an example");
    let mut lines = source.lines().enumerate();
    lines
        .find_map(|(at, line)| Some((at + 1, line.find(code)? + 1)))
        .expect("code of the example")
}

/// One after the other, because they compile the same program; and nothing but the variable changes in between.
#[test]
fn a_line_is_shown_and_all_is_written_to_files() {
    let (line, column) = place_of("go!(");
    let said = check(&format!("{EXAMPLE}:{line}"));
    let shown = format!("// go! at {EXAMPLE}:{line}:{column}\n");
    let (_, shown) = said.split_once(&shown).expect(&said);
    assert!(
        shown.contains("async_dsl::__private::spawn(async move {\n"),
        "{said}"
    );
    assert!(!said.contains("// take! at"), "{said}");

    let (line, column) = place_of("take!(");
    // As it is called from another folder.
    let said = check(&format!("./examples/worker_pool.rs:{line}"));
    let shown = format!("// take! at {EXAMPLE}:{line}:{column}\n");
    let (_, shown) = said.split_once(&shown).expect(&said);
    assert!(shown.contains(".async_dsl_take("), "{said}");
    assert!(!said.contains("// go! at"), "{said}");

    let folder = target().join("async-dsl/expand").join(EXAMPLE);
    let file = folder.join(format!("{line}-{column}-take.rs"));
    let _ = fs::remove_dir_all(&folder);
    let said = check("all");
    assert!(!said.contains(".async_dsl_take("), "{said}");
    let written = fs::read_to_string(&file).expect("a file each");
    assert!(
        written.starts_with(&format!("// take! at {EXAMPLE}:{line}:{column}\n")),
        "{written}"
    );
    assert!(fs::read_dir(&folder).unwrap().count() > 3);

    let said = check("worker_pool");
    assert!(
        said.contains("async-dsl: ASYNC_DSL_EXPAND is a line"),
        "{said}"
    );
}
