//! Compile-time tests of `async-dsl`: what is accepted, what is rejected, and with which message.
