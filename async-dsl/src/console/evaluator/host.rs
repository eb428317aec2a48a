//! The functions through which the console reaches the program. Each is bounded: nothing can interrupt it.

use std::time::Duration;

use rhai::{Dynamic, Engine, EvalAltResult, INT, ImmutableString, NativeCallContext, Position};

use super::super::exports::{Put, Taken};
use super::super::wait::{Over, Stop};
use super::evaluation;
use super::rows;
use super::values::{Lines, from_dynamic, to_dynamic};

/// The milliseconds that `put` and `take` wait by default.
const WAIT: INT = 100;

const HELP: &str = r#"put(name, value)             put into an exported channel, waiting up to 100 ms for room
put(name, value, ms)         the same, waiting up to so many milliseconds
take(name, ms)               take from an exported channel: () once it is closed and empty
take(name, ms, default)      the same, with a value for when the time is over
get(agent)                   the state of an exported agent
names()                      all exported names
chans() agents()             the exported channels and agents, with their counters
counters()                   what the exported channels have counted, in short
tasks()                      the tasks that have not ended, and what they are parked at
dump()                       all tasks, channels and agents as text, exported or not
run_once()                   a turn for each ready task of an exported manual scheduler
help()                       this text
print(value) debug(value)    say something more than the last value

The language is rhai (https://rhai.rs), a form a line: 1 + 2 + 3; let x = [1, 2]; if x.len() > 1 { "more" } else { "one" }
Variables and functions (fn double(x) { x * 2 }) last as long as the session.
There are no words of the program's (take!, alt!), no closures, no modules, no files."#;

type Answer<T = Dynamic> = Result<T, Box<EvalAltResult>>;
type Context<'a> = NativeCallContext<'a>;
type Text = ImmutableString;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Lines>("text")
        .register_fn("to_string", |lines: &mut Lines| lines.0.clone())
        .register_fn("to_debug", |lines: &mut Lines| lines.0.clone())
        .register_fn("print", |lines: &mut Lines| lines.0.clone())
        .register_fn("debug", |lines: &mut Lines| lines.0.clone());

    engine
        .register_fn("put", |context: Context<'_>, name: Text, value: Dynamic| {
            put(&context, &name, &value, WAIT)
        })
        .register_fn(
            "put",
            |context: Context<'_>, name: Text, value: Dynamic, ms: INT| {
                put(&context, &name, &value, ms)
            },
        )
        .register_fn("take", |context: Context<'_>, name: Text| {
            take(&context, &name, WAIT, None)
        })
        .register_fn("take", |context: Context<'_>, name: Text, ms: INT| {
            take(&context, &name, ms, None)
        })
        .register_fn(
            "take",
            |context: Context<'_>, name: Text, ms: INT, default: Dynamic| {
                take(&context, &name, ms, Some(default))
            },
        )
        .register_fn("get", |context: Context<'_>, name: Text| {
            get(&context, &name)
        })
        .register_fn("run_once", |context: Context<'_>| run_once(&context))
        .register_fn("names", || {
            to_dynamic(rows::names(&evaluation::current().exports))
        })
        .register_fn("chans", || {
            to_dynamic(rows::chans(&evaluation::current().exports))
        })
        .register_fn("agents", || {
            to_dynamic(rows::agents(&evaluation::current().exports))
        })
        .register_fn("counters", || {
            to_dynamic(rows::counters(&evaluation::current().exports))
        })
        .register_fn("tasks", || to_dynamic(rows::tasks()))
        .register_fn("dump", || {
            Lines(rows::dump(&evaluation::current().exports).into())
        })
        .register_fn("help", || Lines(HELP.into()));
}

fn put(context: &Context<'_>, name: &str, value: &Dynamic, ms: INT) -> Answer<()> {
    let at = context.call_position();
    let say = |text: String| failed(format!("put into channel {name:?}: {text}"), at);
    let evaluation = evaluation::current();
    let chan = evaluation
        .exports
        .find_chan(name)
        .map_err(|text| failed(text, at))?;
    let value = from_dynamic(value).map_err(|text| say(format!("it does not take {text}")))?;
    match chan
        .put(value, &evaluation.wait, milliseconds(ms))
        .map_err(say)?
    {
        Put::Done => Ok(()),
        Put::Over(Over::Limit) => Err(say(format!("no room within {ms} ms; nothing was put"))),
        Put::Over(Over::Stop(stop)) => Err(stopped(stop, at)),
    }
}

fn take(context: &Context<'_>, name: &str, ms: INT, default: Option<Dynamic>) -> Answer {
    let at = context.call_position();
    let say = |text: String| failed(format!("take from channel {name:?}: {text}"), at);
    let evaluation = evaluation::current();
    let chan = evaluation
        .exports
        .find_chan(name)
        .map_err(|text| failed(text, at))?;
    match chan.take(&evaluation.wait, milliseconds(ms)).map_err(say)? {
        Taken::Value(value) => Ok(to_dynamic(value)),
        Taken::End => Ok(Dynamic::UNIT),
        Taken::Over(Over::Limit) => default.ok_or_else(|| say(format!("no value within {ms} ms"))),
        Taken::Over(Over::Stop(stop)) => Err(stopped(stop, at)),
    }
}

fn get(context: &Context<'_>, name: &str) -> Answer {
    let at = context.call_position();
    let evaluation = evaluation::current();
    let agent = evaluation
        .exports
        .find_agent(name)
        .map_err(|text| failed(text, at))?;
    let state = agent
        .get()
        .map_err(|text| failed(format!("agent {name:?}: {text}"), at))?;
    Ok(to_dynamic(state))
}

fn run_once(context: &Context<'_>) -> Answer<INT> {
    let Some(scheduler) = evaluation::current().exports.driven() else {
        let text = "no manual scheduler is exported to be driven";
        return Err(failed(text.into(), context.call_position()));
    };
    Ok(INT::try_from(scheduler.run_once()).unwrap_or(INT::MAX))
}

fn milliseconds(ms: INT) -> Duration {
    Duration::from_millis(ms.try_into().unwrap_or(0))
}

#[allow(clippy::unnecessary_box_returns)] // the engine's type
fn failed(text: String, at: Position) -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime(text.into(), at).into()
}

/// Returns an error that no script can catch.
#[allow(clippy::unnecessary_box_returns)]
fn stopped(stop: Stop, at: Position) -> Box<EvalAltResult> {
    EvalAltResult::ErrorTerminated(stop.to_string().into(), at).into()
}
