//! Where an operation stands in the program: what it carries from its making to its parking.

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
    pub(crate) fn text(self) -> Option<&'static str> {
        self.word().map(|word| word.text)
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
