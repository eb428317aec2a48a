//! What `async_dsl::flow` makes of channels: each stage ends with its input, stops when nobody takes from its output any more,
//! keeps the order that it promises, and loses nothing.

mod batch;
mod collect;
mod drop_points;
mod merge;
mod pipe;
mod pipeline;
mod split;
mod through;
mod zip;
