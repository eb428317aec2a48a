//! The output of an evaluation, up to a limit.

use std::fmt::{self, Write};

/// Text up to a size. Characters that control a terminal are escaped, since the text may come from anywhere.
#[derive(Debug)]
pub(super) struct Output {
    text: String,
    /// Bytes that still fit.
    room: usize,
    cut: bool,
}

impl Output {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            room: limit,
            cut: false,
        }
    }

    /// Begins a new line, unless at the start of one.
    pub(super) fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.push("\n");
        }
    }

    pub(super) const fn is_cut(&self) -> bool {
        self.cut
    }

    pub(super) const fn room(&self) -> usize {
        self.room
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn push(&mut self, text: &str) {
        for char in text.chars() {
            if self.cut {
                return;
            }
            if char.is_control() && char != '\n' && char != '\t' {
                for char in escape(char) {
                    self.push_char(char);
                }
            } else {
                self.push_char(char);
            }
        }
    }

    fn push_char(&mut self, char: char) {
        match self.room.checked_sub(char.len_utf8()) {
            Some(room) if !self.cut => {
                self.text.push(char);
                self.room = room;
            }
            _ => self.cut = true,
        }
    }
}

/// Returns a control character as an escape sequence of the language.
pub(super) fn escape(char: char) -> impl Iterator<Item = char> {
    let code = u32::from(char);
    let digit = move |shift: u32| char::from_digit(code >> shift & 15, 16).unwrap_or('0');
    ['\\', 'u'].into_iter().chain([12, 8, 4, 0].map(digit))
}

impl Write for Output {
    /// Fails once the text was cut, so that the formatting code can stop.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_at_its_limit_between_characters() {
        let mut output = Output::new(5);
        output.push("ab€d");
        output.push("e");
        assert!(!output.is_cut() || output.text.len() <= 5);
        assert_eq!(output.into_text(), "ab€");
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        let mut output = Output::new(100);
        output.push("\u{1b}[2J\tx\r\n\u{9b}y");
        assert_eq!(output.into_text(), "\\u001b[2J\tx\\u000d\n\\u009by");
    }
}
