//! The lines of the protocol: requests, and answers as text.

use super::answer::Answer;

/// The form in which answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// For people, and for clients that send all and read to the end.
    #[default]
    Plain,
    /// For programs that need to know where an answer ends.
    Framed,
}

/// The meaning of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request<'a> {
    Evaluate(&'a str),
    /// Asks for [`Form::Framed`] from now on.
    Framed,
    /// Begins with a dot, as no form of the language does, but is no command.
    Unknown,
}

pub(super) fn request(line: &str) -> Request<'_> {
    match line.trim() {
        ".framed" => Request::Framed,
        trimmed if trimmed.starts_with('.') => Request::Unknown,
        _ => Request::Evaluate(line),
    }
}

pub(super) fn is_empty(line: &str) -> bool {
    line.trim().is_empty()
}

/// Whether the first line of a connection is from a browser, or anything else that speaks HTTP: a page can make one send
/// requests to this machine, with a body of its choice.
pub(super) fn is_http(line: &str) -> bool {
    const METHODS: [&str; 9] = [
        "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE",
    ];
    let line = line.trim_start().to_ascii_uppercase();
    let method = line.split(' ').next().unwrap_or_default();
    (METHODS.contains(&method) && line.len() > method.len())
        || line.starts_with("HOST:")
        || line.contains(" HTTP/")
}

impl Form {
    /// Returns an answer's text, without the end of its last line.
    pub(super) fn answer(self, answer: &Answer) -> String {
        let mut text = String::new();
        match self {
            Self::Plain => {
                text.push_str(answer.output());
                match answer.result() {
                    Ok(value) => text.push_str(value),
                    Err(error) => text.extend(["error: ", error]),
                }
                if answer.is_cut() {
                    text.push_str("\n… the rest is left out");
                }
            }
            Self::Framed => {
                let mut lines = |mark: &str, lines: &str| {
                    for line in lines.lines() {
                        text.extend([mark, line, "\n"]);
                    }
                };
                lines("| ", answer.output());
                match answer.result() {
                    Ok(value) => lines("= ", value),
                    Err(error) => lines("! ", error),
                }
                text.push_str(if answer.is_cut() { ".cut" } else { "." });
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(output: &str, result: Result<&str, &str>, cut: bool) -> Answer {
        Answer {
            output: output.into(),
            result: result.map(String::from).map_err(String::from),
            cut,
        }
    }

    #[test]
    fn a_plain_answer_is_what_one_wants_to_read() {
        assert_eq!(Form::Plain.answer(&answer("", Ok("6"), false)), "6");
        assert_eq!(
            Form::Plain.answer(&answer("a\nb\n", Ok("6"), false)),
            "a\nb\n6"
        );
        assert_eq!(
            Form::Plain.answer(&answer("a\n", Err("no"), false)),
            "a\nerror: no"
        );
        assert_eq!(
            Form::Plain.answer(&answer("", Ok("6"), true)),
            "6\n… the rest is left out"
        );
    }

    #[test]
    fn a_framed_answer_ends_with_a_dot_which_no_other_line_begins_with() {
        let framed = |answer: &Answer| Form::Framed.answer(answer);
        assert_eq!(framed(&answer("", Ok("6"), false)), "= 6\n.");
        assert_eq!(
            framed(&answer(".\n\n= 7\n", Err("no\nno"), true)),
            "| .\n| \n| = 7\n! no\n! no\n.cut"
        );
        assert_eq!(framed(&answer("", Ok(""), false)), ".");
    }

    #[test]
    fn lines_that_begin_with_a_dot_are_not_evaluated() {
        assert_eq!(request(" .framed "), Request::Framed);
        assert_eq!(request(".frame"), Request::Unknown);
        assert_eq!(request(" 1 . 2"), Request::Evaluate(" 1 . 2"));
        assert_eq!(request(""), Request::Evaluate(""));
    }

    #[test]
    fn http_is_known_by_its_first_line() {
        for http in [
            "GET / HTTP/1.1",
            "GET /",
            "POST /x HTTP/1.1",
            "OPTIONS * HTTP/1.1",
            "options * http/1.1",
            "Host: localhost:4242",
            "host:localhost",
            "PRI * HTTP/2.0",
            "ANYTHING / HTTP/1.0",
            "  GET / HTTP/1.1",
        ] {
            assert!(is_http(http), "{http}");
        }
        for form in [
            "",
            "get(\"counter\")",
            "GET",
            "let host = 1",
            "1 + 2",
            "put(\"jobs\", 1)",
            "post",
        ] {
            assert!(!is_http(form), "{form}");
        }
    }
}
