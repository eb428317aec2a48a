//! Unit tests of whole expansions.
