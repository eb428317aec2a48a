//! Benchmarks, in `src/bin`.
