//! The result of an evaluation.

use std::fmt;

/// The result of an evaluation: what it printed, and then a value or an error, all as text.
///
/// Control characters are escaped (`\u001b`), so that no value can send commands to a terminal.
///
/// # Examples
///
/// ```
/// use async_dsl::console::{Exports, Session};
///
/// let mut session = Session::new(&Exports::new())?;
/// let answer = session.eval_blocking(r#"print("hello"); 6 * 7"#);
/// assert_eq!((answer.output(), answer.result()), ("hello\n", Ok("42")));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an answer says whether there was an error"]
pub struct Answer {
    pub(super) output: String,
    pub(super) result: Result<String, String>,
    pub(super) cut: bool,
}

impl Answer {
    pub(super) fn error(text: impl fmt::Display) -> Self {
        Self {
            output: String::new(),
            result: Err(text.to_string()),
            cut: false,
        }
    }

    /// Returns an answer without even a value.
    pub(super) fn nothing() -> Self {
        Self {
            output: String::new(),
            result: Ok(String::new()),
            cut: false,
        }
    }

    /// Returns what was printed: nothing, or whole lines.
    pub fn output(&self) -> &str {
        &self.output
    }

    /// Returns the value as text.
    ///
    /// # Errors
    ///
    /// The text of the parse, name or run-time error, or why the evaluation was stopped.
    pub fn result(&self) -> Result<&str, &str> {
        self.result.as_deref().map_err(String::as_str)
    }

    /// Whether text was left out because it exceeded the limit on output.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Returns the size of its text in bytes.
    pub fn size(&self) -> usize {
        let (Ok(text) | Err(text)) = &self.result;
        self.output.len() + text.len()
    }
}
