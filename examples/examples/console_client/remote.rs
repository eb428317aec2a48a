//! The other side: framed answers over a connection of lines.

use std::io;
use std::path::PathBuf;

use async_dsl::net::{Conn, Lines, tcp, unix};
use async_dsl::prelude::*;

pub(crate) enum Place {
    Unix(PathBuf),
    Tcp { address: String, token: String },
}

pub(crate) struct Remote(Conn<Lines>);

#[derive(Default)]
pub(crate) struct Answer {
    /// What was printed, and the value.
    pub(crate) lines: Vec<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) is_cut: bool,
}

impl Remote {
    pub(crate) fn connect(place: &Place) -> io::Result<Self> {
        async_dsl::block_on(connect(place))
    }

    pub(crate) fn ask(&mut self, line: &str) -> io::Result<Answer> {
        async_dsl::block_on(ask(&self.0, line.to_string()))
    }

    /// Returns the exported names.
    pub(crate) fn names(&mut self) -> io::Result<Vec<String>> {
        let mut names = self.ask("for name in names() { print(name) }")?.lines;
        names.pop(); // the value, which is ()
        Ok(names)
    }
}

#[linear]
async fn connect(place: &Place) -> io::Result<Remote> {
    let conn = match place {
        Place::Unix(path) => unix::connect(path).await?.framed(Lines::new()),
        Place::Tcp { address, token } => {
            let conn = tcp::connect(address.as_str()).await?.framed(Lines::new());
            put!(conn, token.clone())?;
            match take!(conn).transpose()?.as_deref() {
                Some("ok") => conn,
                Some(refused) => return Err(io::Error::other(refused.to_string())),
                None => return Err(ended()),
            }
        }
    };
    ask(&conn, ".framed".into()).await?;
    Ok(Remote(conn))
}

#[linear]
async fn ask(conn: &Conn<Lines>, line: String) -> io::Result<Answer> {
    put!(conn, line)?;
    let mut answer = Answer::default();
    loop {
        let line = take!(conn).transpose()?.ok_or_else(ended)?;
        match line.split_at_checked(2) {
            Some(("| " | "= ", text)) => answer.lines.push(text.into()),
            Some(("! ", text)) => answer.errors.push(text.into()),
            _ if line.starts_with('.') => {
                answer.is_cut = line == ".cut";
                return Ok(answer);
            }
            // An error before the first framed answer, such as too many sessions.
            _ => return Err(io::Error::other(line)),
        }
    }
}

fn ended() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the console has ended the session",
    )
}
