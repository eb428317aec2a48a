//! Behaviour tests of `async-dsl`: one topic a file in `tests/`, one property a test. Here is what they share, and what
//! the example `bug_gallery` shows.

pub mod gallery;
