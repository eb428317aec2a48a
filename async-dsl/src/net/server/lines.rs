//! Handlers of lines.

use std::future::Future;
use std::time::Duration;

use crate::net::{Conn, Error, Limit, Lines};
use crate::runtime::time::timeout;

/// Answers line by line, up to the peer's end. A line that cannot be taken is answered with the error, and is the last.
pub(super) async fn answer<F, Fut>(
    conn: Conn,
    frame_len: usize,
    limit: Option<Duration>,
    handler: F,
) where
    F: FnOnce(String) -> Fut + Clone + Send + Sync,
    Fut: Future<Output = String> + Send,
{
    let conn = conn.framed(Lines::new().max(frame_len));
    loop {
        let failed = match conn.take().await {
            None => return,
            Some(Ok(line)) => match reply(handler.clone(), line, limit).await {
                Ok(reply) => match conn.put(reply).await {
                    Ok(()) => continue,
                    Err(_) => return, // counted where it arose
                },
                Err(error) => {
                    conn.shared.link.count(&error);
                    conn.shared.link.handler_failed(&error);
                    error
                }
            },
            Some(Err(error)) => error,
        };
        if !matches!(failed, Error::Io(_) | Error::Shutdown) {
            // Best effort: the connection ends anyway.
            let _ = conn.put(format!("error: {failed}")).await;
        }
        return;
    }
}

async fn reply<F, Fut>(handler: F, line: String, limit: Option<Duration>) -> Result<String, Error>
where
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = String>,
{
    let reply = handler(line);
    match limit {
        None => Ok(reply.await),
        Some(limit) => match timeout(limit, reply).await {
            Ok(reply) => Ok(reply),
            Err(_) => Err(Error::Elapsed(Limit::Handler)),
        },
    }
}
