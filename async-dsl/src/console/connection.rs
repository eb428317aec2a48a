//! One connection: its token, its lines, its session.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::or;

use super::answer::Answer;
use super::audit::{Event, Peer, Refusal, What};
use super::protocol::{Form, Request, is_empty, is_http, request};
use super::server::Shared;
use super::session::Session;
use super::token::PENALTY;
use crate::net::{Conn, Error, Limit, Lines};
use crate::runtime::time::{now, sleep, timeout};

/// How often to check whether the peer of a long evaluation is still there.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How much longer than its deadline an evaluation may take. Only a function of the program that does not return takes
/// that long.
const TOO_LATE: Duration = Duration::from_secs(2);

pub(super) async fn run(conn: Conn, shared: Arc<Shared>) {
    let peer = match (conn.peer_process(), conn.peer_addr()) {
        (Some((pid, uid)), _) => Peer::Process { pid, uid },
        (None, Ok(address)) => Peer::Address(address),
        (None, Err(_)) => Peer::Unknown,
    };
    let session = shared.next_connection();
    shared.strangers.enter(session, &conn);
    let conn = Connection {
        session,
        conn: conn.framed(Lines::new().max(shared.line)),
        peer,
        shared,
    };
    // The audit has been called already.
    if let Err(error) = conn.run().await {
        tracing::debug!(target: "async_dsl::console", %error, session, "a connection failed");
    }
}

struct Connection {
    conn: Conn<Lines>,
    peer: Peer,
    session: u64,
    shared: Arc<Shared>,
}

enum Evaluated {
    Answer(Answer),
    /// The peer has gone, so the answer has no reader.
    Gone,
    /// The evaluation does not return.
    Lost,
}

/// Reports the end of the session to the audit, however it ends.
struct Opened<'a>(&'a Connection);

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        // Not if the audit itself panicked.
        if !std::thread::panicking() {
            self.0.tell(What::Closed);
        }
    }
}

impl Connection {
    async fn run(&self) -> Result<(), Error> {
        let strangers = &self.shared.strangers;
        let first = match self.first().await {
            Ok(Some(line)) => line,
            ended => {
                self.tell(What::Refused(if strangers.leave(self.session) {
                    Refusal::NoLine
                } else {
                    Refusal::TooManyStrangers
                }));
                return ended.map(drop);
            }
        };
        if self.refuses_http(&first) {
            return Ok(());
        }
        let mut next = Some(first);
        if let Some(token) = &self.shared.token {
            let line = next.take().unwrap_or_default();
            // Checked before the count: the right token is let in, whatever other clients try.
            if !token.is(line.trim()) {
                if self.shared.wrong.count(now()) {
                    // A peer that has gone, or was evicted from the strangers, frees its connection's place at once.
                    let gone = async {
                        self.gone().await;
                    };
                    or(sleep(PENALTY), gone).await;
                    let text = "too many wrong tokens";
                    return self.refuse(Refusal::TooManyAttempts, text).await;
                }
                return self.refuse(Refusal::WrongToken, "wrong token").await;
            }
        }
        strangers.leave(self.session);
        let Some(permit) = self.shared.permits.take() else {
            let text = format!(
                "{} sessions are open, and no more may be",
                self.shared.permits.most()
            );
            return self.refuse(Refusal::TooManySessions, &text).await;
        };
        let (exports, limits) = (self.shared.exports.clone(), self.shared.limits.clone());
        let mut session = Session::start(exports, limits, permit).map_err(Error::from)?;
        self.tell(What::Opened);
        let opened = Opened(self);
        if next.is_none() {
            self.conn.put("ok".into()).await?;
        }
        let ended = self.serve(&mut session, next).await;
        drop(opened);
        ended
    }

    /// Returns the first line. Before a token empty ones are skipped: they may precede HTTP too, which gets no answer.
    async fn first(&self) -> Result<Option<String>, Error> {
        let start = now();
        let mut line = self.take(Form::Plain).await?;
        while self.shared.token.is_some() && line.as_deref().is_some_and(is_empty) {
            let limit = self.shared.first_line;
            let left = limit.saturating_sub(now().saturating_duration_since(start));
            let next = match left {
                Duration::ZERO => None,
                left => timeout(left, self.take(Form::Plain)).await.ok(),
            };
            let Some(next) = next else {
                let late = Error::Elapsed(Limit::FirstByte);
                self.conn.put(format!("error: {late}")).await?;
                return Err(late);
            };
            line = next?;
        }
        Ok(line)
    }

    /// Refuses HTTP without an answer: a browser might show any answer to its page.
    fn refuses_http(&self, line: &str) -> bool {
        let is_http = is_http(line);
        if is_http {
            self.tell(What::Refused(Refusal::Http));
        }
        is_http
    }

    async fn refuse(&self, refusal: Refusal, text: &str) -> Result<(), Error> {
        self.tell(What::Refused(refusal));
        self.conn.put(format!("error: {text}")).await?;
        Ok(())
    }

    async fn serve(&self, session: &mut Session, mut next: Option<String>) -> Result<(), Error> {
        let mut form = Form::Plain;
        // As long as all lines were empty, HTTP may still follow.
        let mut only_empty = next.is_some();
        loop {
            let line = match next.take() {
                Some(line) => line,
                None => match self.take(form).await? {
                    Some(line) => line,
                    None => return Ok(()),
                },
            };
            if only_empty && self.refuses_http(&line) {
                return Ok(());
            }
            only_empty &= is_empty(&line);
            let answer = match request(&line) {
                Request::Evaluate(line) => match self.evaluate(session, line).await {
                    Evaluated::Answer(answer) => answer,
                    Evaluated::Gone => return Ok(()),
                    Evaluated::Lost => {
                        let text = "a function of the program does not come back: the session ends";
                        self.conn.put(form.answer(&Answer::error(text))).await?;
                        return Ok(());
                    }
                },
                Request::Framed => {
                    form = Form::Framed;
                    Answer::nothing()
                }
                Request::Unknown => Answer::error("the only command is .framed"),
            };
            self.conn.put(form.answer(&answer)).await?;
        }
    }

    /// Returns the next line; one that cannot be taken is answered with the error, and is the last.
    async fn take(&self, form: Form) -> Result<Option<String>, Error> {
        let Some(taken) = self.conn.take().await else {
            return Ok(None);
        };
        if let Err(error) = &taken {
            if !matches!(error, Error::Io(_) | Error::Shutdown) {
                self.conn.put(form.answer(&Answer::error(error))).await?;
            }
        }
        taken.map(Some)
    }

    async fn evaluate(&self, session: &mut Session, form: &str) -> Evaluated {
        self.tell(What::Asked { form });
        let start = now();
        let eval = async { Evaluated::Answer(session.eval(form).await) };
        let lost = async {
            sleep(self.shared.limits.deadline + TOO_LATE).await;
            Evaluated::Lost
        };
        let evaluated = or(eval, or(self.gone(), lost)).await;
        let answer = match &evaluated {
            Evaluated::Answer(answer) => Some(answer),
            Evaluated::Gone | Evaluated::Lost => None,
        };
        self.tell(What::Answered {
            form,
            ok: answer.is_some_and(|answer| answer.result().is_ok()),
            size: answer.map_or(0, Answer::size),
            took: now().saturating_duration_since(start),
        });
        evaluated
    }

    /// Ready when the peer has gone. The end of its sending is not enough: it may still read the answer.
    async fn gone(&self) -> Evaluated {
        while !self.conn.is_hung_up() {
            sleep(LOOK_EVERY).await;
        }
        Evaluated::Gone
    }

    fn tell(&self, what: What<'_>) {
        let event = Event {
            peer: self.peer,
            session: self.session,
            what,
        };
        if let Some(audit) = &self.shared.audit {
            audit(&event);
        } else {
            tracing::info!(target: "async_dsl::console", "{event}");
        }
    }
}
