//! The evaluator's values: conversion, display, and size.

use std::fmt::{self, Write};

use rhai::{Array, Blob, Dynamic, FnPtr, INT, ImmutableString, Map};

use super::super::output::Output;
use super::super::value::{Room, TooLarge, Value};

/// Lines of text that are shown without quotes.
#[derive(Clone, Debug)]
pub(super) struct Lines(pub(super) ImmutableString);

/// The depth to which a value is shown and put. Scripts can nest values thousands of times.
const DEEPEST: usize = Room::LEVELS;

pub(super) fn to_dynamic(value: Value) -> Dynamic {
    match value {
        Value::Nothing => Dynamic::UNIT,
        Value::Bool(value) => value.into(),
        #[allow(clippy::useless_conversion)] // needed with rhai's feature `only_i32`
        Value::Integer(value) => INT::from(value).into(),
        Value::Float(value) => value.into(),
        Value::Text(text) => text.into(),
        Value::List(list) => list.into_iter().map(to_dynamic).collect::<Array>().into(),
        Value::Map(map) => {
            let entries = map.into_iter();
            let map: Map = entries
                .map(|(key, value)| (key.into(), to_dynamic(value)))
                .collect();
            map.into()
        }
    }
}

/// Converts into a value of ours, or returns why it cannot.
pub(super) fn from_dynamic(value: &Dynamic) -> Result<Value, String> {
    at_depth(value, DEEPEST)
}

fn at_depth(value: &Dynamic, levels: usize) -> Result<Value, String> {
    if let Some(value) = plain(value) {
        return Ok(value);
    }
    let deeper = levels
        .checked_sub(1)
        .ok_or_else(|| format!("a value of more than {DEEPEST} levels"))?;
    if let Some(list) = value.read_lock::<Array>() {
        let items: Result<_, _> = list.iter().map(|item| at_depth(item, deeper)).collect();
        return items.map(Value::List);
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries: Result<_, String> = map
            .iter()
            .map(|(key, value)| Ok((key.to_string(), at_depth(value, deeper)?)))
            .collect();
        return entries.map(Value::Map);
    }
    Err(format!("a value of the type {}", value.type_name()))
}

fn plain(value: &Dynamic) -> Option<Value> {
    if value.is_unit() {
        return Some(Value::Nothing);
    }
    if let Ok(value) = value.as_bool() {
        return Some(Value::Bool(value));
    }
    if let Ok(value) = value.as_int() {
        return Some(Value::Integer(value));
    }
    if let Ok(value) = value.as_float() {
        return Some(Value::Float(value));
    }
    if let Ok(value) = value.as_char() {
        return Some(Value::Text(value.into()));
    }
    let text = value.read_lock::<ImmutableString>()?;
    Some(Value::Text(text.to_string()))
}

/// Writes a value as it would be written in the console; a list of maps with one map per line.
pub(super) fn show(value: &Dynamic, out: &mut Output) {
    // It fails only for lack of room, which the output records.
    let _ = show_top(value, out);
}

fn show_top(value: &Dynamic, out: &mut Output) -> fmt::Result {
    if let Some(lines) = value.read_lock::<Lines>() {
        return out.write_str(lines.0.trim_end_matches('\n'));
    }
    if let Some(list) = value.read_lock::<Array>() {
        let rows = list.len() > 1 && list.iter().all(Dynamic::is_map);
        return show_list(&list, if rows { ",\n " } else { ", " }, DEEPEST, out);
    }
    show_at_depth(value, DEEPEST, out)
}

fn show_list(list: &Array, between: &str, levels: usize, out: &mut Output) -> fmt::Result {
    out.write_char('[')?;
    for (at, item) in list.iter().enumerate() {
        if at > 0 {
            out.write_str(between)?;
        }
        show_at_depth(item, levels - 1, out)?;
    }
    out.write_char(']')
}

fn show_at_depth(value: &Dynamic, levels: usize, out: &mut Output) -> fmt::Result {
    match plain(value) {
        Some(Value::Nothing) => return out.write_str("()"),
        Some(Value::Bool(value)) => return write!(out, "{value}"),
        Some(Value::Integer(value)) => return write!(out, "{value}"),
        Some(Value::Float(value)) => return write!(out, "{value:?}"),
        Some(Value::Text(text)) => return show_text(&text, out),
        _ => {}
    }
    if levels == 0 {
        return out.write_char('…');
    }
    if let Some(list) = value.read_lock::<Array>() {
        return show_list(&list, ", ", levels, out);
    }
    if let Some(map) = value.read_lock::<Map>() {
        out.write_str("#{")?;
        for (at, (key, value)) in map.iter().enumerate() {
            if at > 0 {
                out.write_str(", ")?;
            }
            if is_name(key) {
                write!(out, "{key}: ")?;
            } else {
                show_text(key, out)?;
                out.write_str(": ")?;
            }
            show_at_depth(value, levels - 1, out)?;
        }
        return out.write_char('}');
    }
    if let Some(function) = value.read_lock::<FnPtr>() {
        return write!(out, "Fn({:?})", function.fn_name());
    }
    write!(out, "<{}>", value.type_name())
}

/// Writes a text in quotes, as the language reads it.
fn show_text(text: &str, out: &mut Output) -> fmt::Result {
    out.write_char('"')?;
    for char in text.chars() {
        match char {
            '"' | '\\' => write!(out, "\\{char}")?,
            '\n' => out.write_str("\\n")?,
            '\t' => out.write_str("\\t")?,
            '\r' => out.write_str("\\r")?,
            // The output escapes the other control characters.
            _ => out.write_char(char)?,
        }
    }
    out.write_char('"')
}

fn is_name(key: &str) -> bool {
    let mut chars = key.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// Checks that a value is within the limits on a variable. The evaluator does not count the keys of maps, and checks
/// neither levels nor assignments by index.
pub(super) fn fits(value: &Dynamic, room: &mut Room) -> Result<(), TooLarge> {
    if let Some(list) = value.read_lock::<Array>() {
        return room.deeper(|room| list.iter().try_for_each(|item| fits(item, room)));
    }
    if let Some(map) = value.read_lock::<Map>() {
        return room.deeper(|room| {
            map.iter().try_for_each(|(key, value)| {
                room.bytes(key.len())?;
                fits(value, room)
            })
        });
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return room.bytes(text.len());
    }
    if let Some(blob) = value.read_lock::<Blob>() {
        return room.bytes(blob.len());
    }
    room.value()
}
