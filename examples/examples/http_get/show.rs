//! A response for human eyes.

use std::io::{self, Write};

use async_dsl_examples::http::Response;

/// The most lines of a body that are shown.
const LINES: usize = 10;
const BYTES: usize = 1000;

pub(crate) fn head(out: &mut impl Write, response: &Response) -> io::Result<()> {
    let head = &response.head;
    let line = format!("HTTP/1.{} {} {}", head.version, head.status, head.reason);
    writeln!(out, "{}", harmless(line.trim_end()))?;
    for (name, value) in head.headers.iter().chain(&response.trailers) {
        writeln!(out, "{name}: {}", harmless(value))?;
    }
    Ok(())
}

pub(crate) fn preview(out: &mut impl Write, body: &[u8]) -> io::Result<()> {
    if body.is_empty() {
        return Ok(());
    }
    let start = &body[..body.len().min(BYTES)];
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // A character that was cut in two does not make it binary.
        Err(error) if error.error_len().is_none() && start.len() < body.len() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return writeln!(out, "\n[{} bytes that are not text]", body.len()),
    };
    writeln!(out)?;
    let mut shown = 0;
    for line in text.split_inclusive('\n').take(LINES) {
        shown += line.len();
        writeln!(out, "{}", harmless(line.trim_end()))?;
    }
    if shown < body.len() {
        writeln!(
            out,
            "[{} more bytes; -o FILE keeps them all]",
            body.len() - shown
        )?;
    }
    Ok(())
}

/// Escapes a server's text, so that it cannot control the terminal.
fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\t' {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}
