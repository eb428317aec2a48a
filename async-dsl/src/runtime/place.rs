//! The place of an operation in the program, which it carries from its creation to where it parks.

use std::fmt;

/// A line of the user's program.
pub(crate) type Line = &'static std::panic::Location<'static>;

/// A word of the program (a call of `take!`, `put!` and the like): its place, and its text. Expansions make it of
/// constants only, so that a reference to it is `'static`.
#[derive(Debug)]
pub struct Word {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The source text, on one line.
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
#[derive(Debug)]
pub struct Arms(pub &'static [Word]);

/// Where an operation was made: a word of the program, an arm of an `alt!`, or a call.
///
/// An implementation of [`Source`](crate::chan::Source) or [`Target`](crate::chan::Target) passes it on to the operation
/// that it returns, so that dumps, graphs and deadlock reports show the user's line and not one of the library's.
///
/// # Examples
///
/// ```
/// use async_dsl::chan::{Chan, Source, Take};
/// use async_dsl::inspect::At;
///
/// /// The values of a channel, by another name.
/// struct Orders(Chan<u32>);
///
/// impl Source for Orders {
///     type Item = u32;
///     type Take<'a> = Take<'a, u32>;
///
///     fn take_operation(&self, at: At) -> Take<'_, u32> {
///         self.0.take_operation(at)
///     }
/// }
///
/// # let orders = Orders(async_dsl::chan::chan());
/// let here = At::caller();
/// assert_eq!(here.place().unwrap().line, line!() - 1);
/// let take = orders.take_operation(here);
/// # drop(take);
/// ```
#[derive(Clone, Copy)]
pub struct At(Kind);

#[derive(Clone, Copy)]
enum Kind {
    /// Of a future that cannot know it: that of a task or a promise.
    Unknown,
    /// Of a method call.
    Line(Line),
    Word(&'static Word),
    /// The arm of this index.
    Arm(&'static Arms, u16),
}

impl At {
    /// An unknown place.
    pub(crate) const UNKNOWN: Self = Self(Kind::Unknown);

    /// Returns the line of the caller.
    #[must_use]
    #[track_caller]
    pub fn caller() -> Self {
        Self::line(std::panic::Location::caller())
    }

    pub(crate) const fn line(line: Line) -> Self {
        Self(Kind::Line(line))
    }

    pub(crate) const fn word(word: &'static Word) -> Self {
        Self(Kind::Word(word))
    }

    pub(crate) const fn arm(arms: &'static Arms, number: u16) -> Self {
        Self(Kind::Arm(arms, number))
    }

    pub(crate) const fn is_unknown(self) -> bool {
        matches!(self.0, Kind::Unknown)
    }

    fn of_word(self) -> Option<&'static Word> {
        match self.0 {
            Kind::Unknown | Kind::Line(_) => None,
            Kind::Word(word) => Some(word),
            Kind::Arm(arms, index) => arms.0.get(usize::from(index)),
        }
    }

    /// Returns the place, if it is known.
    #[must_use]
    pub fn place(self) -> Option<Place> {
        match self.0 {
            Kind::Unknown => None,
            Kind::Line(line) => Some(Place::from(line)),
            Kind::Word(_) | Kind::Arm(..) => self.of_word().map(Word::place),
        }
    }

    /// Returns the source text of the word; a call has none.
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        self.of_word().map(|word| word.text)
    }

    /// Returns the arms of the `alt!` that this is an arm of.
    pub(crate) const fn arms(self) -> Option<&'static Arms> {
        match self.0 {
            Kind::Arm(arms, _) => Some(arms),
            Kind::Unknown | Kind::Line(_) | Kind::Word(_) => None,
        }
    }
}

impl Arms {
    /// Returns every arm, as the place of an operation.
    pub(crate) fn iter(&'static self) -> impl Iterator<Item = At> {
        (0..).map_while(move |index| self.0.get(usize::from(index)).map(|_| At::arm(self, index)))
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
