//! Values that cross between the program and the console.

mod std_types;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

/// A value of the console.
///
/// [`ToValue`] converts the types of exported channels and agents into it, [`FromValue`] from it: a small vocabulary of
/// the console's own, so that no type of the evaluator is part of this crate's interface.
///
/// # Examples
///
/// ```
/// use async_dsl::console::Value;
///
/// assert_eq!(Value::from("sweep").as_text(), Some("sweep"));
/// assert_eq!(Value::from(3), Value::Integer(3));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// `()`, and Rust's `None`.
    #[default]
    Nothing,
    /// `true` or `false`.
    Bool(bool),
    /// An integer. Those beyond an `i64` are texts of their digits.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// A text; a `char` is a text of one.
    Text(String),
    /// `[1, 2]`.
    List(Vec<Value>),
    /// `#{name: "x"}`.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// Returns a list of the items, each shown by its `ToValue`.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] as soon as the room is used up.
    pub fn list<'a, T: ToValue + ?Sized + 'a>(
        items: impl IntoIterator<Item = &'a T>,
        room: &mut Room,
    ) -> Result<Self, TooLarge> {
        room.deeper(|room| {
            let mut list = Vec::new();
            for item in items {
                list.push(item.to_value(room)?);
            }
            Ok(Self::List(list))
        })
    }

    /// Returns a map of these entries, for example the fields of a struct.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] as soon as the room is used up.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::{Room, ToValue, TooLarge, Value};
    ///
    /// struct Job {
    ///     name: String,
    ///     tries: u32,
    /// }
    ///
    /// impl ToValue for Job {
    ///     fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
    ///         Value::map([("name", &self.name as &dyn ToValue), ("tries", &self.tries)], room)
    ///     }
    /// }
    /// ```
    pub fn map<'a, K: AsRef<str>, T: ToValue + ?Sized + 'a>(
        entries: impl IntoIterator<Item = (K, &'a T)>,
        room: &mut Room,
    ) -> Result<Self, TooLarge> {
        room.deeper(|room| {
            let mut map = BTreeMap::new();
            for (key, value) in entries {
                let key = room.text(key.as_ref())?;
                map.insert(key, value.to_value(room)?);
            }
            Ok(Self::Map(map))
        })
    }

    /// Returns the text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the kind of the value, for an error's text.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "()",
            Self::Bool(_) => "a bool",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// How a type is shown in the console: needed by [`Exports::agent`](super::Exports::agent), and for taking from an
/// exported channel.
///
/// It runs on the thread of a console session and cannot be interrupted: it should be as quick as a `Debug`.
///
/// The types of the standard library implement it. For a type of your own, write an implementation (see
/// [`Value::map`]); for a foreign type, pass a function to [`Exports::agent_with`](super::Exports::agent_with).
///
/// This is not `serde::Serialize` because a serializer cannot stop half-way for lack of [`Room`] without every type's
/// help, and because what a console shows of a type is a separate decision.
pub trait ToValue {
    /// Returns the value to show.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if there is not enough room.
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge>;
}

/// How a type is made from a value of the console: needed for putting into an exported channel.
///
/// It runs on the thread of a console session and cannot be interrupted.
///
/// # Examples
///
/// ```
/// use async_dsl::console::{Exports, FromValue, Session, Value};
/// use async_dsl::prelude::*;
/// use std::borrow::Cow;
///
/// #[derive(Debug, PartialEq)]
/// struct Percent(u8);
///
/// impl FromValue for Percent {
///     fn expected() -> Cow<'static, str> {
///         "a number from 0 to 100".into()
///     }
///
///     fn from_value(value: Value) -> Option<Self> {
///         u8::from_value(value).filter(|percent| *percent <= 100).map(Self)
///     }
/// }
///
/// let (volume, volumes) = chan::fixed::<Percent>(1).split();
/// let exports = Exports::new();
/// exports.chan("volume", &volume);
/// let mut session = Session::new(&exports)?;
/// let answer = session.eval_blocking(r#"put("volume", 101)"#);
/// assert!(answer.result().unwrap_err().contains("it takes a number from 0 to 100"));
/// assert_eq!(session.eval_blocking(r#"put("volume", 80)"#).result(), Ok("()"));
/// assert_eq!(volumes.try_take(), Ok(Percent(80)));
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait FromValue: Sized {
    /// Returns what a value must be, for an error's text: "an integer (u32)".
    fn expected() -> Cow<'static, str>;

    /// Converts from a value; `None` if it is not of this type.
    fn from_value(value: Value) -> Option<Self>;
}

/// How much may still be shown of one value: 4096 values, 64 KiB of text, 32 levels.
///
/// An agent may hold more than a console should copy; this stops the copying.
#[derive(Debug)]
pub struct Room {
    values: usize,
    bytes: usize,
    levels: usize,
}

impl Room {
    pub(super) const LEVELS: usize = 32;

    pub(super) const fn new() -> Self {
        Self::of(4096, 64 * 1024, Self::LEVELS)
    }

    pub(super) const fn of(values: usize, bytes: usize, levels: usize) -> Self {
        Self {
            values,
            bytes,
            levels,
        }
    }

    /// Takes room for one plain value. Lists, maps and texts take theirs themselves.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if there is none left.
    pub fn value(&mut self) -> Result<(), TooLarge> {
        self.values = self.values.checked_sub(1).ok_or(TooLarge::Values)?;
        Ok(())
    }

    /// Copies a text, if there is room for it.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if there is not.
    pub fn text(&mut self, text: &str) -> Result<String, TooLarge> {
        self.bytes(text.len())?;
        Ok(text.into())
    }

    /// Takes room for a value of this many bytes.
    pub(super) fn bytes(&mut self, bytes: usize) -> Result<(), TooLarge> {
        self.value()?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(TooLarge::Text)?;
        Ok(())
    }

    /// Runs `f` a level deeper: for types that contain themselves.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if it is too deep, or the error of `f`.
    pub fn deeper<R>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<R, TooLarge>,
    ) -> Result<R, TooLarge> {
        self.value()?;
        self.levels = self.levels.checked_sub(1).ok_or(TooLarge::Levels)?;
        let result = f(self);
        self.levels += 1;
        result
    }
}

/// There is more to show than fits into the console's [`Room`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TooLarge {
    /// More than 4096 values.
    Values,
    /// More than 64 KiB of text.
    Text,
    /// More than 32 levels.
    Levels,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Values => "too many values",
            Self::Text => "too much text",
            Self::Levels => "too many levels",
        })
    }
}

impl Error for TooLarge {}
