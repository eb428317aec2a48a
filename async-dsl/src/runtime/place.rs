//! Where an operation stands in the program: what it carries from its making to its parking.

use std::borrow::Cow;
use std::fmt;

/// A line of the user's program.
pub(crate) type Line = &'static std::panic::Location<'static>;

/// A word of the program: its place, and its text. Made by the words themselves, of constants
/// only, so that a reference to it is one for ever.
#[doc(hidden)]
#[derive(Debug)]
pub struct Word {
    pub file: &'static str,
    pub line: u32,
    pub column: u32,
    pub text: &'static str,
}

impl Word {
    fn place(&self) -> Place {
        Place {
            file: self.file,
            line: self.line,
            column: self.column,
        }
    }
}

/// All arms of one `alt!`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Arms(pub &'static [Word]);

/// Where an operation was made.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum At {
    /// By a future that cannot know: awaiting a task or a promise.
    Unknown,
    /// By a call of a method.
    Line(Line),
    Word(&'static Word),
    /// The arm of this number.
    Arm(&'static Arms, u16),
}

impl At {
    #[track_caller]
    pub(crate) fn caller() -> Self {
        Self::Line(std::panic::Location::caller())
    }

    fn word(self) -> Option<&'static Word> {
        match self {
            Self::Unknown | Self::Line(_) => None,
            Self::Word(word) => Some(word),
            Self::Arm(arms, index) => arms.0.get(usize::from(index)),
        }
    }

    pub(crate) fn place(self) -> Option<Place> {
        match self {
            Self::Unknown => None,
            Self::Line(line) => Some(Place::from(line)),
            Self::Word(_) | Self::Arm(..) => self.word().map(Word::place),
        }
    }

    /// The text of the word; of a method there is none.
    pub(crate) fn text(self) -> Option<String> {
        self.word().map(|word| tidy(word.text))
    }

    /// The arms of the `alt!` that this is an arm of.
    pub(crate) fn arms(self) -> Option<&'static Arms> {
        match self {
            Self::Arm(arms, _) => Some(arms),
            Self::Unknown | Self::Line(_) | Self::Word(_) => None,
        }
    }
}

impl Arms {
    /// Every arm, as the place of an operation.
    pub(crate) fn iter(&'static self) -> impl Iterator<Item = At> {
        (0..).map_while(move |index| self.0.get(usize::from(index)).map(|_| At::Arm(self, index)))
    }
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Some(place) => place.fmt(f),
            None => f.write_str("somewhere"),
        }
    }
}

/// A place in the program's source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<Line> for Place {
    fn from(line: Line) -> Self {
        Self {
            file: line.file(),
            line: line.line(),
            column: line.column(),
        }
    }
}

/// `file:line:column`, as the compiler writes it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column } = self;
        f.pad(&format!("{file}:{line}:{column}"))
    }
}

/// The source text of a word whose operands were marked and rewritten before: as it was, on one line.
fn tidy(text: &str) -> String {
    const DURATION: &str = "::core::time::Duration::";
    let text = unmarked(&unwrapped(text)).replace("await_!", "await!");
    let text = text.replace(":: core :: time :: Duration :: ", DURATION);
    let mut tidied = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(DURATION) {
        tidied.push_str(&rest[..at]);
        rest = &rest[at + DURATION.len()..];
        let call = rest.split_once('(').and_then(|(unit, rest)| {
            let (digits, rest) = rest.split_once(')')?;
            let unit = match unit.trim() {
                "from_secs" => "s",
                "from_millis" => "ms",
                "from_micros" => "us",
                "from_nanos" => "ns",
                _ => return None,
            };
            Some((digits.trim(), unit, rest))
        });
        match call {
            Some((digits, unit, after)) => {
                tidied.push_str(digits);
                tidied.push_str(unit);
                rest = after;
            }
            None => tidied.push_str("Duration::"),
        }
    }
    tidied.push_str(rest);
    tidied.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With the text of each `.await` in the place of the call around its operand.
fn unwrapped(text: &str) -> Cow<'_, str> {
    const CALL: &str = "awaiting(";
    const END: &str = ".start().await";
    let is_ours = |call: &usize| {
        let path = text[..*call].trim_end().strip_suffix("::");
        path.is_some_and(|path| path.trim_end().ends_with("private"))
    };
    let mut calls = text.match_indices(CALL).map(|(call, _)| call);
    let Some(call) = calls.find(is_ours) else {
        return Cow::Borrowed(text);
    };
    let written = || -> Option<(usize, String, &str)> {
        let begin = text[..call].rfind('(')?;
        let awaited = literal(&text[call + CALL.len()..])?;
        let rest = text[begin + closing(&text[begin..])?..].strip_prefix(END)?;
        Some((begin, awaited, rest))
    };
    match written() {
        Some((begin, awaited, rest)) => {
            Cow::Owned(format!("{}{awaited}{}", &text[..begin], unwrapped(rest)))
        }
        None => Cow::Borrowed(text),
    }
}

/// What the first string literal in `text` says.
fn literal(text: &str) -> Option<String> {
    let mut said = String::new();
    let mut chars = text[text.find('"')? + 1..].chars();
    loop {
        match chars.next()? {
            '"' => return Some(said),
            '\\' => said.push(match chars.next()? {
                'n' | 't' | 'r' => ' ',
                escaped => escaped,
            }),
            char => said.push(char),
        }
    }
}

/// Where the parenthesis that `text` begins with has been closed.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' => escaped = true,
            // Not the literal of that very character.
            b'"' | b'(' | b')'
                if bytes.get(at.wrapping_sub(1)) == Some(&b'\'')
                    && bytes.get(at + 1) == Some(&b'\'') => {}
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Without `@park`, and without the place after it that the marker of `await!` has.
fn unmarked(text: &str) -> String {
    let mut pieces = text.split("@park");
    let mut unmarked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let piece = piece.trim_start();
        let place = piece
            .strip_prefix('[')
            .and_then(|place| place.split_once(']'));
        unmarked.push_str(match place {
            Some((place, rest)) if place.contains("line!") => rest.trim_start(),
            _ => piece,
        });
    }
    unmarked
}

#[cfg(test)]
mod tests {
    use crate::runtime::place::tidy;

    #[test]
    fn the_text_is_the_users() {
        assert_eq!(tidy("take!(orders)"), "take!(orders)");
        assert_eq!(
            tidy("take!(take!(@park inner)\n    .unwrap())"),
            "take!(take!(inner) .unwrap())"
        );
        assert_eq!(
            tidy("take!(async_dsl::await_!(@park [:: core :: line!(), :: core :: column!()] a))"),
            "take!(async_dsl::await!(a))"
        );
        assert_eq!(
            tidy(concat!(
                r#"put!(c, (dsl::private::awaiting(dsl::private::spot!([::core::line!(), ::core::column!()] "f(\"(\").await"), "#,
                r#"f("("))).start().await + 1, ($crate :: private :: awaiting(spot!([1, 2] "x.await"), x)).start().await)"#
            )),
            r#"put!(c, f("(").await + 1, x.await)"#
        );
        assert_eq!(
            tidy("put!(c, 1, :: core :: time :: Duration :: from_millis(100))"),
            "put!(c, 1, 100ms)"
        );
        assert_eq!(
            tidy("sleep!(::core::time::Duration::new(1, 500))"),
            "sleep!(Duration::new(1, 500))"
        );
    }
}
