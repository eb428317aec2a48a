//! Example programs of `async-dsl`; run one with `cargo run -p async-dsl-examples --example NAME`.
//!
//! | program | what it is |
//! | --- | --- |
//! | `tour` | every idea of the library, in a page |
//! | `ping_pong`, `pipeline`, `worker_pool`, `buffers` | tasks and channels |
//! | `first_answer_wins`, `bank_agents` | `alt!` and cancellation; agents |
//! | `manual_scheduler`, `from_tokio`, `inspect_expansion` | a scheduler step by step; in a tokio program; what the macros write |
//! | `process_network`, `deadlock`, `bug_gallery` | a program drawn; a deadlock reported; five bugs found by simulation |
//! | `tcp_server`, `tcp_client` | lines over TCP |
//! | `http_server`, `http_get`, `fetch_all` | hyper on go blocks; a client; requests side by side |
//! | `console`, `console_client` | a console into the running program |
//! | `word_count` | the commonest words of files and folders |

pub mod http;
