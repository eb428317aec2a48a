//! Tests of `async-dsl` under another name.
