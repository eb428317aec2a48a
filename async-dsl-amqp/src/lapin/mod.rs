//! The wire to a real broker: `lapin`, on our own scheduler. Whatever is lapin's stays in this folder.

pub(crate) mod auth;
mod executor;
pub(crate) mod link;
pub(crate) mod publish;
mod reactor;
mod stream;
pub(crate) mod subscription;
#[cfg(test)]
mod tests;
#[cfg(feature = "tls")]
pub(crate) mod tls;
