//! The console over TCP: its token.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv6Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_dsl::console::{self, Console, Options, Refusal, What};

use crate::{limits, socket::folder};

fn open(options: Options) -> (Console, tempfile::TempDir) {
    let folder = folder();
    let options = options
        .token_file(folder.path().join("token"))
        .limits(limits());
    (console::serve(options).unwrap(), folder)
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(console: &Console) -> Self {
        let socket = TcpStream::connect(console.local_addr().unwrap()).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(120)))
            .unwrap();
        Self(BufReader::new(socket))
    }

    fn send(&mut self, line: &str) {
        self.0
            .get_mut()
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }

    /// Sends a line, and gives the next one, or nothing at the end.
    fn ask(&mut self, line: &str) -> Option<String> {
        self.send(line);
        self.line()
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end().to_string())
    }
}

#[test]
fn the_first_line_is_the_token() {
    let (console, _folder) = open(Options::tcp(0));
    assert!(console.local_addr().unwrap().ip().is_loopback());
    let token = console.token().unwrap();
    assert_eq!(token.len(), 32, "128 bits");
    let mut client = Client::connect(&console);
    assert_eq!(client.ask(token).as_deref(), Some("ok"));
    assert_eq!(client.ask("1 + 2 + 3").as_deref(), Some("6"));
}

#[test]
fn each_console_has_its_own_token() {
    let consoles = [open(Options::tcp(0)), open(Options::tcp(0))];
    assert_ne!(consoles[0].0.token(), consoles[1].0.token());
}

#[test]
fn a_wrong_token_is_refused_and_nothing_evaluated() {
    let (console, _folder) = open(Options::tcp(0));
    let upper = console.token().unwrap().to_uppercase();
    for wrong in ["1 + 2 + 3", "0", &console.token().unwrap()[1..]] {
        let mut client = Client::connect(&console);
        assert_eq!(
            client.ask(wrong).as_deref(),
            Some("error: wrong token"),
            "{wrong}"
        );
        assert_eq!(client.line(), None);
    }
    if upper != console.token().unwrap() {
        assert_eq!(
            Client::connect(&console).ask(&upper).as_deref(),
            Some("error: wrong token")
        );
    }
    let mut client = Client::connect(&console);
    assert_eq!(client.ask(console.token().unwrap()).as_deref(), Some("ok"));
}

// F8
#[test]
fn however_many_wrong_tokens_come_the_right_one_is_let_in() {
    let (console, _folder) = open(Options::tcp(0));
    for _ in 0..5 {
        assert_eq!(
            Client::connect(&console).ask("guess").as_deref(),
            Some("error: wrong token")
        );
    }
    // The next one waits for its answer, and nobody else does.
    let mut guesser = Client::connect(&console);
    let asked = Instant::now();
    guesser.send("guess");
    for _ in 0..5 {
        let mut client = Client::connect(&console);
        assert_eq!(client.ask(console.token().unwrap()).as_deref(), Some("ok"));
        assert_eq!(client.ask("1 + 2 + 3").as_deref(), Some("6"));
    }
    assert_eq!(
        guesser.line().as_deref(),
        Some("error: too many wrong tokens")
    );
    assert!(asked.elapsed() >= Duration::from_secs(1));
    assert_eq!(guesser.line(), None);
}

// F8
#[test]
fn guessing_without_end_keeps_nobody_out() {
    let (console, _folder) = open(Options::tcp(0));
    let over = &AtomicBool::new(false);
    let console = &console;
    std::thread::scope(|scope| {
        // Also if this one panics: the other would never end.
        let _ends = Ends(over);
        scope.spawn(move || {
            // More at a time than may be without a token: none waits long enough to be told.
            let mut guessers = VecDeque::new();
            while !over.load(Ordering::Relaxed) {
                let mut guesser = Client::connect(console);
                guesser.send("guess");
                guessers.push_back(guesser);
                if guessers.len() > 24 {
                    let mut oldest = guessers.pop_front().unwrap();
                    // An answer, the end, or a reset: it has been dealt with.
                    let _ = oldest.0.read_line(&mut String::new());
                }
            }
        });
        // One that is slow to say its token may be the oldest of too many by then, and comes again.
        let is_let_in = || {
            let mut client = Client::connect(console);
            let said = writeln!(client.0.get_mut(), "{}", console.token().unwrap());
            let mut answer = String::new();
            said.and_then(|()| client.0.read_line(&mut answer)).is_ok() && answer == "ok\n"
        };
        for _ in 0..10 {
            assert!((0..50).any(|_| is_let_in()));
        }
    });
}

struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

// F8
#[test]
fn silent_connections_keep_nobody_out_and_may_still_say_the_token() {
    let (events, told) = std::sync::mpsc::channel();
    let options = Options::tcp(0)
        .sessions(2)
        .first_line(Duration::from_secs(600));
    let (console, _folder) = open(options.audit(move |event| {
        if let What::Refused(refusal) = event.what {
            events.send(refusal).unwrap();
        }
    }));
    let mut inside = Client::connect(&console);
    assert_eq!(inside.ask(console.token().unwrap()).as_deref(), Some("ok"));
    let mut silent: Vec<Client> = (0..40).map(|_| Client::connect(&console)).collect();
    // 16 may be. All 40 have been there before the next one comes, which leaves them with its token.
    for _ in 0..24 {
        assert_eq!(told.recv().unwrap(), Refusal::TooManyStrangers);
    }
    let mut client = Client::connect(&console);
    assert_eq!(client.ask(console.token().unwrap()).as_deref(), Some("ok"));
    assert_eq!(told.recv().unwrap(), Refusal::TooManyStrangers);
    drop(client);
    while console.sessions() > 1 {
        std::thread::yield_now();
    }
    let newest = silent.last_mut().unwrap();
    assert_eq!(newest.ask(console.token().unwrap()).as_deref(), Some("ok"));
    assert_eq!(inside.ask("1 + 2 + 3").as_deref(), Some("6"));
}

#[test]
fn http_is_closed_without_a_word_and_is_no_attempt() {
    let (console, _folder) = open(Options::tcp(0));
    for before in ["", "\r\n", "\n", "\r\n\r\n", "  \r\n\t\n"] {
        for _ in 0..3 {
            let mut client = Client::connect(&console);
            let request = "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n1 + 2";
            assert_eq!(client.ask(&format!("{before}{request}")), None);
        }
    }
    assert_eq!(
        Client::connect(&console).ask("guess").as_deref(),
        Some("error: wrong token")
    );
}

#[test]
fn empty_lines_before_the_token_are_skipped_but_win_no_time() {
    let (console, _folder) = open(Options::tcp(0));
    let mut client = Client::connect(&console);
    let after_empty = format!("\n\r\n{}", console.token().unwrap());
    assert_eq!(client.ask(&after_empty).as_deref(), Some("ok"));
    let (console, _folder) = open(Options::tcp(0).first_line(Duration::from_millis(300)));
    let mut client = Client::connect(&console);
    let mut socket = client.0.get_ref().try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        while socket.write_all(b"\n").is_ok() {
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    assert_eq!(
        client.line().as_deref(),
        Some("error: no first byte in the time given")
    );
    drop(client);
    sending.join().unwrap();
}

#[test]
fn a_slow_token_is_given_up_however_steadily_it_comes() {
    let (console, _folder) = open(Options::tcp(0).first_line(Duration::from_secs(1)));
    let mut client = Client::connect(&console);
    let mut socket = client.0.get_ref().try_clone().unwrap();
    let token = console.token().unwrap().to_string();
    let sending = std::thread::spawn(move || {
        for byte in token.as_bytes().iter().cycle() {
            if socket.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    assert_eq!(
        client.line().as_deref(),
        Some("error: frame not whole in the time given")
    );
    drop(client);
    sending.join().unwrap();
}

#[test]
fn the_token_is_in_a_file_that_only_the_user_can_read() {
    let folder = folder();
    let file = folder.path().join("token");
    // Whatever was there is replaced, not written to.
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let console = console::serve(Options::tcp(0).token_file(&file)).unwrap();
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(written.trim_end(), console.token().unwrap());
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(console.path(), Some(&*file));
    assert!(!format!("{console:?}").contains(written.trim_end()));
    drop(console);
    assert!(!file.exists());
}

#[test]
fn another_address_is_asked_for_by_a_method_of_its_own() {
    let address = IpAddr::V6(Ipv6Addr::LOCALHOST); // what a test can use
    let folder = folder();
    let options = Options::tcp(0)
        .beyond_loopback(address)
        .token_file(folder.path().join("token"));
    match console::serve(options) {
        Ok(console) => assert_eq!(console.local_addr().unwrap().ip(), address),
        Err(error) => assert_eq!(
            error.kind(),
            std::io::ErrorKind::AddrNotAvailable,
            "no IPv6 here"
        ),
    }
}

#[test]
fn an_address_in_use_is_an_error() {
    let (console, _folder) = open(Options::tcp(0));
    let port = console.local_addr().unwrap().port();
    let error = console::serve(Options::tcp(port)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
