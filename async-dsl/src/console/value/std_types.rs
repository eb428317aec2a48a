//! The types of the standard library as values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::{FromValue, Room, ToValue, TooLarge, Value};

macro_rules! small_integers {
    ($($int:ident)+) => { $(
        impl ToValue for $int {
            fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
                room.value()?;
                Ok(Value::Integer(i64::from(*self)))
            }
        }

        impl FromValue for $int {
            fn expected() -> Cow<'static, str> {
                concat!("an integer (", stringify!($int), ")").into()
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Integer(value) => value.try_into().ok(),
                    _ => None,
                }
            }
        }
    )+ };
}

// Values beyond an `i64` are texts of their digits, in both directions.
macro_rules! large_integers {
    ($($int:ident)+) => { $(
        impl ToValue for $int {
            fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
                match i64::try_from(*self) {
                    Ok(value) => value.to_value(room),
                    Err(_) => room.text(&self.to_string()).map(Value::Text),
                }
            }
        }

        impl FromValue for $int {
            fn expected() -> Cow<'static, str> {
                concat!("an integer (", stringify!($int), ")").into()
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Integer(value) => value.try_into().ok(),
                    Value::Text(digits) => digits.parse().ok(),
                    _ => None,
                }
            }
        }
    )+ };
}

small_integers! { i8 i16 i32 i64 u8 u16 u32 }
large_integers! { u64 i128 u128 usize isize }

macro_rules! floats {
    ($($float:ident)+) => { $(
        impl ToValue for $float {
            fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
                room.value()?;
                Ok(Value::Float((*self).into()))
            }
        }

        impl FromValue for $float {
            fn expected() -> Cow<'static, str> {
                concat!("a number (", stringify!($float), ")").into()
            }

            #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // rounded as a literal is
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Float(value) => Some(value as $float),
                    Value::Integer(value) => Some(value as $float),
                    _ => None,
                }
            }
        }
    )+ };
}

floats! { f32 f64 }

impl ToValue for Value {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        match self {
            Self::Nothing => ().to_value(room),
            Self::Bool(value) => value.to_value(room),
            Self::Integer(value) => value.to_value(room),
            Self::Float(value) => value.to_value(room),
            Self::Text(text) => text.to_value(room),
            Self::List(list) => list.to_value(room),
            Self::Map(map) => map.to_value(room),
        }
    }
}

impl FromValue for Value {
    fn expected() -> Cow<'static, str> {
        "any value".into()
    }

    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl ToValue for () {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        room.value()?;
        Ok(Value::Nothing)
    }
}

impl FromValue for () {
    fn expected() -> Cow<'static, str> {
        "()".into()
    }

    fn from_value(value: Value) -> Option<Self> {
        matches!(value, Value::Nothing).then_some(())
    }
}

impl ToValue for bool {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        room.value()?;
        Ok(Value::Bool(*self))
    }
}

impl FromValue for bool {
    fn expected() -> Cow<'static, str> {
        "a bool".into()
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }
}

impl ToValue for char {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        room.text(self.encode_utf8(&mut [0; 4])).map(Value::Text)
    }
}

impl FromValue for char {
    fn expected() -> Cow<'static, str> {
        "a character".into()
    }

    fn from_value(value: Value) -> Option<Self> {
        let Value::Text(text) = value else {
            return None;
        };
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    }
}

impl ToValue for str {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        room.text(self).map(Value::Text)
    }
}

impl ToValue for String {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        self.as_str().to_value(room)
    }
}

macro_rules! texts {
    ($($text:ty)+) => { $(
        impl FromValue for $text {
            fn expected() -> Cow<'static, str> {
                "a text".into()
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Text(text) => Some(text.into()),
                    _ => None,
                }
            }
        }
    )+ };
}

texts! { String Box<str> Arc<str> Cow<'static, str> }

/// In seconds, as a number.
impl ToValue for Duration {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        self.as_secs_f64().to_value(room)
    }
}

impl FromValue for Duration {
    fn expected() -> Cow<'static, str> {
        "a number of seconds, at least 0".into()
    }

    fn from_value(value: Value) -> Option<Self> {
        Self::try_from_secs_f64(f64::from_value(value)?).ok()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        match self {
            Some(value) => value.to_value(room),
            None => ().to_value(room),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn expected() -> Cow<'static, str> {
        format!("{}, or ()", T::expected()).into()
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Nothing => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// `#{ok: …}` or `#{err: …}`.
impl<T: ToValue, E: ToValue> ToValue for Result<T, E> {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        match self {
            Ok(value) => Value::map([("ok", value)], room),
            Err(error) => Value::map([("err", error)], room),
        }
    }
}

macro_rules! pointers {
    ($($pointer:ident)+) => { $(
        impl<T: ToValue + ?Sized> ToValue for $pointer<T> {
            fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
                T::to_value(self, room)
            }
        }
    )+ };
}

pointers! { Box Rc Arc }

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        T::to_value(self, room)
    }
}

impl<T: ToValue + ToOwned + ?Sized> ToValue for Cow<'_, T> {
    fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
        T::to_value(self, room)
    }
}

macro_rules! lists {
    ($($list:ty, [$($param:tt)*];)+) => { $(
        impl<$($param)*> ToValue for $list {
            fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
                Value::list(self, room)
            }
        }
    )+ };
}

lists! {
    [T], [T: ToValue];
    [T; N], [T: ToValue, const N: usize];
    Vec<T>, [T: ToValue];
    VecDeque<T>, [T: ToValue];
    BTreeSet<T>, [T: ToValue];
    HashSet<T, S>, [T: ToValue, S];
}

macro_rules! lists_from {
    ($($list:ty, [$($param:tt)*];)+) => { $(
        impl<$($param)*> FromValue for $list {
            fn expected() -> Cow<'static, str> {
                format!("a list, each item {}", T::expected()).into()
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::List(list) => list.into_iter().map(T::from_value).collect(),
                    _ => None,
                }
            }
        }
    )+ };
}

lists_from! {
    Vec<T>, [T: FromValue];
    VecDeque<T>, [T: FromValue];
    BTreeSet<T>, [T: FromValue + Ord];
    HashSet<T, S>, [T: FromValue + Eq + Hash, S: BuildHasher + Default];
}

macro_rules! maps {
    ($($map:ty, [$($param:tt)*], [$($from:tt)*];)+) => { $(
        impl<T: ToValue, $($param)*> ToValue for $map {
            fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
                Value::map(self.iter().map(|(key, value)| (key, value)), room)
            }
        }

        impl<T: FromValue, $($from)*> FromValue for $map {
            fn expected() -> Cow<'static, str> {
                format!("a map, each value {}", T::expected()).into()
            }

            fn from_value(value: Value) -> Option<Self> {
                let Value::Map(map) = value else {
                    return None;
                };
                map.into_iter()
                    .map(|(key, value)| Some((key, T::from_value(value)?)))
                    .collect()
            }
        }
    )+ };
}

maps! {
    BTreeMap<String, T>, [], [];
    HashMap<String, T, S>, [S], [S: BuildHasher + Default];
}

macro_rules! tuples {
    ($($(($name:ident $at:tt))+;)+) => { $(
        impl<$($name: ToValue),+> ToValue for ($($name,)+) {
            fn to_value(&self, room: &mut Room) -> Result<Value, TooLarge> {
                Value::list([$(&self.$at as &dyn ToValue),+], room)
            }
        }

        impl<$($name: FromValue),+> FromValue for ($($name,)+) {
            fn expected() -> Cow<'static, str> {
                let items = [$($name::expected()),+];
                format!("a list of {}: {}", items.len(), items.join(", ")).into()
            }

            fn from_value(value: Value) -> Option<Self> {
                let Value::List(list) = value else {
                    return None;
                };
                let mut items = list.into_iter();
                let tuple = ($($name::from_value(items.next()?)?,)+);
                items.next().is_none().then_some(tuple)
            }
        }
    )+ };
}

tuples! {
    (A 0);
    (A 0) (B 1);
    (A 0) (B 1) (C 2);
    (A 0) (B 1) (C 2) (D 3);
    (A 0) (B 1) (C 2) (D 3) (E 4);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5);
}
