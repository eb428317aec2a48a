//! What the program looks like: exported channels and agents, and the tasks.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::exports::Exports;
use super::super::value::Value;
use crate::chan::Seen;
use crate::scheduler::{self, Scheduler};

/// More rows than this are left out.
const ROWS: usize = 256;

pub(super) fn names(exports: &Exports) -> Value {
    let names = exports.names().into_iter().take(ROWS);
    Value::List(names.map(|name| Value::from(&*name)).collect())
}

pub(super) fn chans(exports: &Exports) -> Value {
    let rows = exports.chans().into_iter().take(ROWS).map(|(name, chan)| {
        let mut row = row([("name", (&*name).into()), ("holds", chan.holds().into())]);
        match chan.look() {
            Some(seen) => {
                row.extend(counted(&seen));
                row.extend(entries([
                    ("len", number(seen.len)),
                    ("capacity", seen.capacity.map_or(Value::Nothing, number)),
                    ("closed", seen.closed.into()),
                    ("takers", number(seen.waiting.0)),
                    ("putters", number(seen.waiting.1)),
                    ("made_at", Value::Text(seen.made_at.to_string())),
                ]));
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
                    ("made_at", Value::Text(seen.made_at.to_string())),
                ])),
                None => row.extend(entries([("gone", true.into())])),
            }
            Value::Map(row)
        });
    Value::List(rows.collect())
}

/// What the channels have counted, by name.
pub(super) fn counters(exports: &Exports) -> Value {
    let chans = exports.chans().into_iter().take(ROWS);
    let counted = chans
        .filter_map(|(name, chan)| Some((name.to_string(), Value::Map(counted(&chan.look()?)))));
    Value::Map(counted.collect())
}

/// The tasks that have not ended, by scheduler and the line that started them.
pub(super) fn tasks(exports: &Exports) -> Value {
    let mut rows = Vec::new();
    let mut add = |scheduler: &'static str, lines: Vec<scheduler::Line>| {
        let mut by_line = BTreeMap::<_, usize>::new();
        for line in lines {
            *by_line
                .entry((line.file(), line.line(), line.column()))
                .or_default() += 1;
        }
        rows.extend(
            by_line
                .into_iter()
                .take(ROWS)
                .map(|((file, line, column), count)| {
                    Value::Map(row([
                        ("started_at", Value::Text(format!("{file}:{line}:{column}"))),
                        ("count", number(count)),
                        ("scheduler", scheduler.into()),
                    ]))
                }),
        );
    };
    add("global", Scheduler::global().lines());
    if let Some(driven) = exports.driven() {
        add("driven", driven.lines());
    }
    Value::List(rows)
}

/// All of it as text.
pub(super) fn dump(exports: &Exports) -> String {
    let mut text = String::new();
    let mut add = |title: &str, rows: Value| {
        let Value::List(rows) = rows else { return };
        let _ = writeln!(text, "{title}: {}", rows.len());
        for row in rows {
            text.push_str("  ");
            if let Value::Map(row) = row {
                let fields: Vec<String> = row.iter().map(field).collect();
                text.push_str(&fields.join("  "));
            }
            text.push('\n');
        }
    };
    add("channels", chans(exports));
    add("agents", agents(exports));
    add("tasks", tasks(exports));
    text
}

fn field((name, value): (&String, &Value)) -> String {
    match value {
        Value::Text(text) => format!("{name}: {text}"),
        Value::Bool(value) => format!("{name}: {value}"),
        Value::Integer(value) => format!("{name}: {value}"),
        _ => format!("{name}: -"),
    }
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

fn number(number: impl TryInto<i64>) -> Value {
    Value::Integer(number.try_into().unwrap_or(i64::MAX))
}
