//! Examples that run until they are asked to end, with the clients that others have written for them.
#![cfg(unix)]

mod chat;
mod crawler;
mod kv;
mod supervisor;

use async_dsl_tests::part::Part;
use async_dsl_tests::programs::example;

/// Starts a server of the examples on a port of its own, which is returned.
fn server(name: &str) -> (Part, String) {
    let server = Part::spawn(example(name).arg("0"));
    let said = server.said.until("listening on ");
    let port = said.trim().rsplit(':').next().expect("a port");
    (server, port.to_owned())
}
