//! Bytes that anybody may have sent.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use async_dsl::console::{self, Console, Limits, Options};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::socket::{Client, folder};

const LINE: usize = 200;
const OUTPUT: usize = 1000;

/// One console for all cases: none of them may harm it.
static CONSOLE: LazyLock<(Console, PathBuf, TempDir)> = LazyLock::new(|| {
    let folder = folder();
    let path = folder.path().join("console");
    let limits = Limits::default()
        .deadline(Duration::from_millis(200))
        .output(OUTPUT)
        .memory(None);
    let options = Options::unix(&path).line(LINE).limits(limits);
    (console::serve(options).unwrap(), path, folder)
});

/// Parts of forms, so that some of them get past the parser.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "\n",
        "\n",
        "\r\n",
        ".framed",
        ".",
        "GET / HTTP/1.1",
        "Host:",
        "1",
        "+",
        "\"",
        "'",
        "`",
        "${",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "#{",
        ";",
        "let x =",
        "x",
        "loop",
        "while true",
        "for i in 0..9",
        "fn f(a)",
        "f(",
        "if",
        "else",
        "try",
        "catch",
        "throw",
        "print(",
        "take(\"x\", 1)",
        "put(\"x\", 1)",
        "tasks()",
        "dump()",
        "eval",
        "import",
        "this",
        "|a|",
        "//",
        "/*",
        "\u{0}",
        "€",
        "\u{1b}[2J",
        "9223372036854775807",
        "-",
        "**",
        "<<",
        ".len()",
        ".pad(99, 1)",
    ];
    prop_oneof![
        6 => prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
        1 => (0..2 * LINE).prop_map(|len| vec![b'a'; len]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_bounded_answers_and_then_the_end(parts in vec(part(), 0..40)) {
        let (console, path, _) = &*CONSOLE;
        let bytes = parts.concat();
        let mut socket = UnixStream::connect(path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        // It may close before it has read all.
        let _ = socket.write_all(&bytes);
        let _ = socket.shutdown(Shutdown::Write);
        let mut answers = Vec::new();
        let _ = socket.read_to_end(&mut answers);
        drop(socket);
        let lines = bytes.split(|byte| *byte == b'\n').count();
        // Each line of output can be a mark longer.
        prop_assert!(answers.len() <= lines * (3 * OUTPUT + 200), "{} bytes for {lines} lines", answers.len());
        let answers = String::from_utf8(answers);
        prop_assert!(answers.is_ok());
        let answers = answers.unwrap();
        let obeyed = answers.contains(['\0', '\x1b', '\r']);
        prop_assert!(!obeyed);
        while console.sessions() > 0 {
            std::thread::yield_now();
        }
        prop_assert_eq!(Client::connect(path).ask("1 + 2 + 3"), "6");
        prop_assert_eq!(console.counters().panicked_handlers, 0);
    }
}
