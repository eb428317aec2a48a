//! Running the example programs.

use std::process::Output;

pub(crate) use async_dsl_tests::programs::example;

/// What a program said, and how it ended.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it prints text");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs `http_get`, which ends by itself.
pub(crate) fn http_get(args: &[&str]) -> Said {
    let output = example("http_get").args(args).output();
    output.expect("the example is built").into()
}

/// Runs `http_get` where it has to fail: nothing on standard output, one line on the other.
pub(crate) fn failure(args: &[&str]) -> (Option<i32>, String) {
    let said = http_get(args);
    assert_eq!(said.out, "");
    let line = said
        .err
        .strip_prefix("http_get: ")
        .and_then(|err| err.strip_suffix('\n'));
    let line = line.unwrap_or_else(|| panic!("one line is expected: {}", said.err));
    assert!(!line.contains('\n'), "{line}");
    (said.code, line.to_owned())
}
