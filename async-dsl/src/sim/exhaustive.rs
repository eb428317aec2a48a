//! Every schedule: a small program is proved, not sampled.
