//! The program's state: exported channels and agents, and the tasks.

use std::collections::BTreeMap;
use std::fmt;

use super::super::exports::Exports;
use super::super::value::Value;
use crate::chan::Seen;
use crate::inspect;

/// The most rows shown.
const ROWS: usize = 256;

pub(super) fn names(exports: &Exports) -> Value {
    let names = exports.names().into_iter().take(ROWS);
    Value::List(names.map(|name| Value::from(&*name)).collect())
}

pub(super) fn chans(exports: &Exports) -> Value {
    let rows = exports.chans().into_iter().take(ROWS).map(|(name, chan)| {
        let mut row = row([("name", (&*name).into()), ("holds", chan.holds().into())]);
        match chan.look() {
            Some((made_at, seen)) => {
                row.extend(entries([("made_at", text(made_at))]));
                match seen {
                    Some(seen) => {
                        row.extend(counted(&seen));
                        row.extend(entries([
                            (
                                "kind",
                                Value::Text(format!("{:?}", seen.kind).to_lowercase()),
                            ),
                            ("len", number(seen.len)),
                            ("capacity", seen.capacity.map_or(Value::Nothing, number)),
                            ("closed", seen.closed.into()),
                            ("takers", number(seen.takers.len())),
                            ("putters", number(seen.putters.len())),
                        ]));
                    }
                    None => row.extend(entries([("busy", true.into())])),
                }
            }
            None => row.extend(entries([("gone", true.into())])),
        }
        Value::Map(row)
    });
    Value::List(rows.collect())
}

pub(super) fn agents(exports: &Exports) -> Value {
    let rows = exports
        .agents()
        .into_iter()
        .take(ROWS)
        .map(|(name, agent)| {
            let mut row = row([("name", (&*name).into()), ("holds", agent.holds().into())]);
            match agent.look() {
                Some(seen) => row.extend(entries([
                    ("queued", number(seen.queued)),
                    ("idle", seen.idle.into()),
                    ("error", seen.error.map_or(Value::Nothing, Value::Text)),
                    ("made_at", text(seen.made_at)),
                ])),
                None => row.extend(entries([("gone", true.into())])),
            }
            Value::Map(row)
        });
    Value::List(rows.collect())
}

/// Returns the counters of the channels, by name.
pub(super) fn counters(exports: &Exports) -> Value {
    let chans = exports.chans().into_iter().take(ROWS);
    let counted = chans
        .filter_map(|(name, chan)| Some((name.to_string(), Value::Map(counted(&chan.look()?.1?)))));
    Value::Map(counted.collect())
}

/// Returns the tasks that have not ended.
pub(super) fn tasks() -> Value {
    let tasks = inspect::snapshot().tasks.into_iter().take(ROWS);
    let rows = tasks.map(|task| {
        let words = task.parked.iter().map(|parked| parked.text.as_str().into());
        let since = task.since.map(|since| Value::Float(since.as_secs_f64()));
        Value::Map(row([
            ("task", number(task.number)),
            ("scheduler", number(task.scheduler)),
            ("name", task.name.map_or(Value::Nothing, Value::Text)),
            ("started_at", text(task.started_at)),
            ("state", text(task.state)),
            ("parked", Value::List(words.collect())),
            ("since", since.unwrap_or_default()),
        ]))
    });
    Value::List(rows.collect())
}

/// Returns the whole program as text, and the exported names.
pub(super) fn dump(exports: &Exports) -> String {
    let mut dump = inspect::snapshot().to_string();
    if !dump.ends_with('\n') {
        dump.push('\n');
    }
    let names = exports.names();
    dump.push_str(if names.is_empty() {
        "nothing is exported"
    } else {
        "exported: "
    });
    dump.push_str(&names.into_iter().take(ROWS).collect::<Vec<_>>().join(", "));
    dump
}

type Row = BTreeMap<String, Value>;

fn row<const N: usize>(fields: [(&str, Value); N]) -> Row {
    entries(fields).collect()
}

fn entries<const N: usize>(fields: [(&str, Value); N]) -> impl Iterator<Item = (String, Value)> {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
}

fn counted(seen: &Seen) -> Row {
    row([
        ("puts", number(seen.stats.puts)),
        ("takes", number(seen.stats.takes)),
        ("discarded", number(seen.stats.discarded)),
        ("high_water", number(seen.stats.high_water)),
    ])
}

fn text(value: impl fmt::Display) -> Value {
    Value::Text(value.to_string())
}

fn number(number: impl TryInto<i64>) -> Value {
    Value::Integer(number.try_into().unwrap_or(i64::MAX))
}
