//! Behaviour tests of `async-dsl`: one topic a file in `tests/`, one property a test.
