//! What compiles, and what does not and says so in one error a mistake.
//!
//! After a message was changed on purpose: `TRYBUILD=overwrite cargo test -p async-dsl-ui-tests`, and read the
//! difference. The expected messages are those of the Rust version that CI runs.

#[test]
fn programs_compile_and_run() {
    trybuild::TestCases::new().pass("pass/*.rs");
}

#[test]
fn mistakes_are_errors() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}
