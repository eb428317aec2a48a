//! The console on a Unix socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_dsl::chan;
use async_dsl::console::{self, Console, Limits, Options, Peer, Refusal, What};
use async_dsl::scheduler::Scheduler;
use tempfile::TempDir;

use crate::limits;

/// Longer than anything takes, so that a test that fails ends.
const LONG: Duration = Duration::from_secs(120);

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A console in a folder of its own.
pub(crate) fn open(change: impl FnOnce(Options) -> Options) -> (Console, PathBuf, TempDir) {
    let folder = folder();
    let path = folder.path().join("console");
    let options = change(Options::unix(&path).limits(limits()));
    (console::serve(options).unwrap(), path, folder)
}

/// A client on the standard library's sockets.
pub(crate) struct Client(BufReader<UnixStream>);

impl Client {
    pub(crate) fn connect(path: &Path) -> Self {
        let socket = UnixStream::connect(path).unwrap();
        socket.set_read_timeout(Some(LONG)).unwrap();
        socket.set_write_timeout(Some(LONG)).unwrap();
        Self(BufReader::new(socket))
    }

    pub(crate) fn send(&mut self, line: impl AsRef<[u8]>) {
        let line = [line.as_ref(), b"\n"].concat();
        self.0.get_mut().write_all(&line).unwrap();
    }

    /// The next line, or nothing at the end.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end_matches('\n').to_string())
    }

    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.send(line);
        self.line().expect("an answer")
    }

    pub(crate) fn rest(mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).unwrap();
        rest
    }
}

// S45, S46, S49
#[test]
fn lines_are_answered() {
    let (_console, path, _folder) = open(|options| options);
    let mut client = Client::connect(&path);
    assert_eq!(client.ask(""), "()");
    assert_eq!(client.ask("1 + 2 + 3"), "6");
    assert_eq!(client.ask("let x = 20\r"), "()");
    assert!(client.ask("(x + ").starts_with("error: Syntax error"));
    assert!(
        client
            .ask("nobody")
            .starts_with("error: Variable not found: nobody")
    );
    assert_eq!(client.ask("x += 1; x * 2"), "42");
}

// S47
#[test]
fn output_goes_to_the_client_and_then_the_value() {
    let (_console, path, _folder) = open(|options| options);
    let mut client = Client::connect(&path);
    client.send("print(1); print(2); 3");
    assert_eq!([(); 3].map(|()| client.line().unwrap()), ["1", "2", "3"]);
}

#[test]
fn a_client_that_sends_all_and_ends_gets_all() {
    let (_console, path, _folder) = open(|options| options);
    let mut client = Client::connect(&path);
    client.send("let x = 1\nx + 1\nnobody\nx + 2");
    client.0.get_mut().shutdown(Shutdown::Write).unwrap();
    let rest = client.rest();
    let lines: Vec<&str> = rest.lines().collect();
    assert!(lines[2].starts_with("error: "), "{rest}");
    assert_eq!(
        (lines[0], lines[1], lines[3], lines.len()),
        ("()", "2", "3", 4)
    );
}

#[test]
fn framed_answers_say_where_they_end() {
    let (_console, path, _folder) = open(|options| options.limits(limits().output(100)));
    let mut client = Client::connect(&path);
    assert_eq!(client.ask(".framed"), ".");
    for (form, lines) in [
        ("1 + 2 + 3", &["= 6", "."] as &[_]),
        (
            "print(\".\"); print(\"\"); [#{a: 1}, #{a: 2}]",
            &["| .", "| ", "= [#{a: 1},", "=  #{a: 2}]", "."],
        ),
        (
            "throw \"a\\nb\"",
            &["! Runtime error: a", "! b (line 1, position 1)", "."],
        ),
        (".other", &["! the only command is .framed", "."]),
        (
            "let s = \"\"; s.pad(97, 'x'); s",
            &[&format!("= \"{}\"", "x".repeat(97)), "."],
        ),
        (
            "let s = \"\"; s.pad(99, 'x'); s",
            &[&format!("= \"{}", "x".repeat(99)), ".cut"],
        ),
    ] {
        client.send(form);
        for line in lines {
            assert_eq!(client.line().unwrap(), *line, "{form}");
        }
    }
}

#[test]
fn two_sessions_share_the_program_but_no_variables() {
    let jobs = chan::fixed::<i64>(8);
    let (_console, path, _folder) = open(|options| options.export_chan("jobs", &jobs));
    let (mut one, mut other) = (Client::connect(&path), Client::connect(&path));
    assert_eq!(one.ask("let x = 1; put(\"jobs\", 42)"), "()");
    assert!(other.ask("x").starts_with("error: Variable not found"));
    assert_eq!(other.ask("take(\"jobs\", 0)"), "42");
}

/// Also with one worker: an evaluation takes none of them.
#[test]
fn an_evaluation_keeps_nobody_else_waiting() {
    let jobs = chan::fixed::<i64>(1);
    let (_console, path, _folder) = open(|options| options.export_chan("jobs", &jobs));
    let mut busy: Vec<Client> = (0..4).map(|_| Client::connect(&path)).collect();
    for client in &mut busy {
        // For minutes, if nobody cancels it.
        client.send("let s = \"\"; s.pad(60000, 'x'); put(\"jobs\", 1, 100000); loop { s + 1; }");
    }
    for _ in &busy {
        assert_eq!(jobs.take_blocking(), Some(1), "it is being evaluated");
    }
    assert_eq!(Client::connect(&path).ask("1 + 2 + 3"), "6");
    let task = Scheduler::global().spawn(async { 42 });
    assert_eq!(async_dsl::block_on(task), 42);
}

#[test]
fn a_session_evaluates_one_line_after_the_other() {
    let (_console, path, _folder) = open(|options| options);
    let mut client = Client::connect(&path);
    client.send(
        (0..100)
            .map(|i| format!("let x = {i}; x\n"))
            .collect::<Vec<_>>()
            .concat(),
    );
    for i in 0..100 {
        assert_eq!(client.line().unwrap(), i.to_string());
    }
}

#[test]
fn more_sessions_than_allowed_are_told_so() {
    let (console, path, _folder) = open(|options| options.sessions(2));
    let mut clients = [Client::connect(&path), Client::connect(&path)];
    for client in &mut clients {
        assert_eq!(client.ask("1"), "1");
    }
    assert_eq!(console.sessions(), 2);
    let mut third = Client::connect(&path);
    assert_eq!(
        third.ask("1"),
        "error: 2 sessions are open, and no more may be"
    );
    assert_eq!(third.line(), None);
    drop(clients);
    while console.sessions() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(Client::connect(&path).ask("1"), "1");
}

#[test]
fn an_idle_session_is_ended() {
    let (_console, path, _folder) = open(|options| options.idle(Duration::from_millis(50)));
    let mut client = Client::connect(&path);
    assert_eq!(client.ask("1"), "1");
    assert_eq!(
        client.line().unwrap(),
        "error: connection idle for too long"
    );
    assert_eq!(client.line(), None);
}

#[test]
fn a_connection_that_says_nothing_is_ended() {
    let (_console, path, _folder) = open(|options| options.first_line(Duration::from_secs(1)));
    let mut silent = Client::connect(&path);
    assert_eq!(
        silent.line().unwrap(),
        "error: no first byte in the time given"
    );
    assert_eq!(silent.line(), None);
    let mut slow = Client::connect(&path);
    slow.0.get_mut().write_all(b"1 + ").unwrap();
    assert_eq!(
        slow.line().unwrap(),
        "error: frame not whole in the time given"
    );
    assert_eq!(slow.line(), None);
}

#[test]
fn silent_connections_keep_nobody_out() {
    let (events, told) = std::sync::mpsc::channel();
    let (_console, path, _folder) = open(|options| {
        options.sessions(1).first_line(LONG).audit(move |event| {
            if let What::Refused(refusal) = event.what {
                events.send(refusal).unwrap();
            }
        })
    });
    let _silent: Vec<Client> = (0..20).map(|_| Client::connect(&path)).collect();
    // 16 may be. They are all known before the next comes: which of two begins first is the scheduler's choice.
    for _ in 0..4 {
        assert_eq!(told.recv().unwrap(), Refusal::TooManyStrangers);
    }
    assert_eq!(Client::connect(&path).ask("1"), "1");
    assert_eq!(told.recv().unwrap(), Refusal::TooManyStrangers);
}

#[test]
fn a_line_that_is_too_long_is_refused() {
    let (_console, path, _folder) = open(|options| options.line(100));
    let mut client = Client::connect(&path);
    let longest = format!("{:100}", 1);
    assert_eq!(client.ask(&longest), "1");
    client.send(format!("{:101}", 1));
    assert_eq!(client.line().unwrap(), "error: frame longer than 100 bytes");
    assert_eq!(client.line(), None);
}

#[test]
fn a_line_that_is_not_utf_8_is_refused() {
    let (_console, path, _folder) = open(|options| options);
    let mut client = Client::connect(&path);
    assert_eq!(client.ask("\"€\""), "\"€\"");
    client.send(b"\"\xe2\x82\"");
    assert_eq!(client.line().unwrap(), "error: line is not UTF-8");
    assert_eq!(client.line(), None);
}

#[test]
fn http_is_not_answered() {
    let (_console, path, _folder) = open(|options| options);
    for request in [
        "GET / HTTP/1.1",
        "POST /x HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "Host: localhost",
        "get /",
    ] {
        let mut client = Client::connect(&path);
        client.send(format!("{request}\r\nContent-Length: 9\r\n\r\n1 + 2 + 3"));
        client.0.get_mut().shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.rest(), "", "{request}");
    }
    for empty in ["\r\n", "\n \n"] {
        let mut client = Client::connect(&path);
        client.send(format!("{empty}GET / HTTP/1.1\r\n\r\n1 + 2 + 3"));
        client.0.get_mut().shutdown(Shutdown::Write).unwrap();
        let answers = empty.lines().map(|_| "()\n").collect::<String>();
        assert_eq!(client.rest(), answers, "those of the empty lines");
    }
    // Later it is only a wrong form.
    let mut client = Client::connect(&path);
    assert_eq!(client.ask("1"), "1");
    assert!(client.ask("GET / HTTP/1.1").starts_with("error: "));
    assert_eq!(client.ask("1"), "1");
}

#[test]
fn a_console_is_shut_down_in_order() {
    let jobs = chan::fixed::<i64>(1);
    let (console, path, _folder) = open(|options| options.export_chan("jobs", &jobs));
    let mut idle = Client::connect(&path);
    assert_eq!(idle.ask("1"), "1");
    let mut asking = Client::connect(&path);
    asking.send("take(\"jobs\", 100000)");
    while jobs.waiting().takers == 0 {
        std::thread::yield_now();
    }
    let ended = std::thread::spawn(move || async_dsl::block_on(console.shutdown(LONG)));
    assert_eq!(idle.line(), None, "it is between two lines");
    jobs.put_blocking(42).unwrap();
    assert_eq!(asking.line().unwrap(), "42");
    assert_eq!(asking.line(), None);
    assert_eq!(ended.join().unwrap().cut, 0);
    assert!(UnixStream::connect(&path).is_err());
}

#[test]
fn a_shutdown_cuts_what_does_not_end() {
    let jobs = chan::fixed::<i64>(1);
    let (console, path, _folder) = open(|options| options.export_chan("jobs", &jobs));
    let mut asking = Client::connect(&path);
    asking.send("take(\"jobs\", 100000)");
    while jobs.waiting().takers == 0 {
        std::thread::yield_now();
    }
    let ended = async_dsl::block_on(console.shutdown(Duration::ZERO));
    assert_eq!(ended.cut, 1);
    assert_eq!(asking.line(), None);
    while jobs.waiting().takers > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn a_client_that_goes_away_cancels_its_evaluation() {
    let jobs = chan::fixed::<i64>(1);
    let (console, path, _folder) = open(|options| options.export_chan("jobs", &jobs));
    let mut client = Client::connect(&path);
    client.send("take(\"jobs\", 3600000)");
    while jobs.waiting().takers == 0 {
        std::thread::yield_now();
    }
    drop(client);
    while jobs.waiting().takers > 0 || console.sessions() > 0 {
        std::thread::yield_now();
    }
    jobs.try_put(1).unwrap();
    assert_eq!(jobs.len(), 1, "nothing was taken");
}

#[test]
fn a_function_that_does_not_come_back_costs_its_session_only() {
    let (stop, stopped) = async_dsl::promise::promise::<()>();
    let stopped = Mutex::new(Some(stopped));
    let stuck = async_dsl::agent::agent(0);
    let limits = Limits::default().deadline(Duration::from_millis(10));
    let (console, path, _folder) = open(|options| options.limits(limits).sessions(2));
    console.exports().agent_with("stuck", &stuck, move |_, _| {
        if let Some(stopped) = stopped.lock().unwrap().take() {
            stopped.wait_blocking().unwrap();
        }
        Ok(1.into())
    });
    let mut client = Client::connect(&path);
    let answer = client.ask("get(\"stuck\")");
    assert_eq!(
        answer,
        "error: a function of the program does not come back: the session ends"
    );
    assert_eq!(client.line(), None);
    // Its thread still counts.
    let mut other = Client::connect(&path);
    assert_eq!(other.ask("1"), "1");
    assert_eq!(console.sessions(), 2);
    stop.deliver(());
    while console.sessions() > 1 {
        std::thread::yield_now();
    }
}

#[test]
fn the_audit_is_told_who_did_what() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let (console, path, _folder) = open(|options| {
        let told = Arc::clone(&told);
        options.audit(move |event| {
            if cfg!(target_os = "linux") {
                let pid = i32::try_from(std::process::id()).unwrap();
                assert!(matches!(event.peer, Peer::Process { pid: peer, .. } if peer == pid));
            }
            let what = match event.what {
                What::Asked { form } => format!("asked {form}"),
                What::Answered { form, ok, size, .. } => format!("answered {form} {ok} {size}"),
                what => format!("{what:?}"),
            };
            told.lock().unwrap().push((event.session, what));
        })
    });
    let mut client = Client::connect(&path);
    client.ask("\"four\"");
    client.ask("x");
    drop(client);
    while console.sessions() > 0 {
        std::thread::yield_now();
    }
    let mut http = Client::connect(&path);
    http.send("GET / HTTP/1.0");
    assert_eq!(http.rest(), "");
    async_dsl::block_on(console.shutdown(LONG));
    let refused = format!("{:?}", What::Refused(Refusal::Http));
    let told = told.lock().unwrap();
    let told: Vec<(u64, &str)> = told
        .iter()
        .map(|(session, what)| (*session, what.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "Opened"),
            (1, "asked \"four\""),
            (1, "answered \"four\" true 6"),
            (1, "asked x"),
            (1, "answered x false 42"),
            (1, "Closed"),
            (2, &*refused),
        ]
    );
}
