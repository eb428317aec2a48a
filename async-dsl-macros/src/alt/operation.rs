//! The operations that an arm can wait for.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use super::cursor::Cursor;
use super::{Kind, Operation};
use crate::body;
use crate::errors::Errors;
use crate::marked::Marked;
use crate::source;
use crate::tokens::{Crate, is_ident, is_punct, split_arguments, start};
use crate::words::{AWAIT, Context};

const KNOWN: &str = "an arm waits for `take!(channel)`, `put!(channel, value)`, `await!(promise or task)` or `sleep!(1s)`";

/// Both repairs of a future.
const FUTURE: &str = "start any other future with `go!({ … })` before the `alt!` and await the task here; or, if \
                      dropping it before it is ready loses nothing, write `await!(cancel_safe(future))`";

/// Takes an operation. One that is wrong is reported, and its tokens up to the condition or `=>` taken.
pub(super) fn parse(cursor: &mut Cursor, krate: &Crate, errors: &mut Errors) -> Operation {
    let at = cursor.span();
    let is_end = |cursor: &Cursor| cursor.is_arrow() || cursor.is_comma() || cursor.is_ident("if");
    let Some((modules, name, arguments)) = cursor.call() else {
        let found = cursor.found();
        let message = if cursor.attribute().is_some() {
            "an attribute stands at the beginning of its arm, before the pattern".to_owned()
        } else if cursor.is_ident("default") {
            "`default` binds nothing: write `default => …`".to_owned()
        } else if is_end(cursor) || cursor.is_empty() {
            format!("expected an operation, found {found}: {KNOWN}")
        } else {
            format!("unknown operation: {KNOWN}; {FUTURE}")
        };
        errors.push(at, message);
        let written = vec![body::mark_expression(
            cursor.take_until(is_end),
            krate,
            Context::Park,
        )];
        return Operation {
            at,
            text: String::new(),
            kind: Kind::Wrong { written },
        };
    };
    let at = name.span();
    let word = name.to_string();
    let text = source::word(&word, &arguments.stream());
    // A word that some outer block has marked already is taken for what it is.
    let operands = split_arguments(Marked::split(&word, arguments.stream()).operands);
    let kind = if krate.owns(&modules) {
        kind(&name, operands, arguments.span(), krate, errors)
    } else {
        errors.push(at, no_arm(&format!("{}::{name}", modules.join("::"))));
        wrong(operands, krate)
    };
    if is_punct(cursor.peek(), '.') || is_punct(cursor.peek(), '?') {
        errors.push(
            cursor.span(),
            "an operation stands alone in `alt!`: do this to its result, in the handler",
        );
        cursor.take_until(is_end);
    }
    Operation { at, text, kind }
}

fn kind(
    name: &Ident,
    mut operands: Vec<TokenStream>,
    all: Span,
    krate: &Crate,
    errors: &mut Errors,
) -> Kind {
    let word = name.to_string();
    let (count, shape) = match word.as_str() {
        "take" => (1, "`take!(channel)`"),
        "put" => (2, "`put!(channel, value)`"),
        AWAIT => (1, "`await!(promise)`"),
        "sleep" => (1, "`sleep!(1s)`"),
        _ => {
            errors.push(name.span(), no_arm(&word));
            return wrong(operands, krate);
        }
    };
    if operands.len() != count {
        let at = operands.get(count).map_or(all, |extra| start(extra, all));
        errors.push(at, wrong_count(&word, shape, operands.len()));
        return wrong(operands, krate);
    }
    if word == AWAIT && is_each(&operands[0]) {
        errors.push(
            start(&operands[0], all),
            "an arm waits for one thing: use `alts(…)` for a list",
        );
        return wrong(operands, krate);
    }
    let second = if count == 2 { operands.pop() } else { None };
    let first = operands.pop();
    let mark = |tokens: Option<TokenStream>, context| {
        body::mark_expression(tokens.unwrap_or_default(), krate, context)
    };
    match (word.as_str(), second) {
        ("put", value) => Kind::Put {
            channel: mark(first, Context::Park),
            value: mark(value, Context::Value),
        },
        ("take", _) => Kind::Take {
            channel: mark(first, Context::Park),
        },
        ("sleep", _) => Kind::Sleep {
            time: mark(first, Context::Park),
        },
        (_, _) => Kind::Await {
            operand: mark(first, Context::Park),
        },
    }
}

fn wrong(operands: Vec<TokenStream>, krate: &Crate) -> Kind {
    let operands = operands.into_iter();
    let written = operands.map(|operand| body::mark_expression(operand, krate, Context::Park));
    Kind::Wrong {
        written: written.collect(),
    }
}

fn no_arm(word: &str) -> String {
    match word {
        "timeout" => "`timeout!` is no arm of `alt!`: add an arm `sleep!(1s) => …`".to_owned(),
        "race" => "`race!` is no arm of `alt!`: give each of its futures an arm".to_owned(),
        "join" | "try_join" => format!(
            "`{word}!` is no arm of `alt!`: start it with `go!({{ {word}!(a, b) }})` before the `alt!`, and await the task here"
        ),
        "alt" => "`alt!` is no arm of `alt!`: give its arms to this one".to_owned(),
        _ => format!("unknown operation `{word}!`: {KNOWN}; {FUTURE}"),
    }
}

fn wrong_count(word: &str, shape: &str, found: usize) -> String {
    match (word, found) {
        ("take" | "put", 3) => {
            format!(
                "an arm has no time of its own: write {shape}, and add an arm `sleep!(100ms) => …`"
            )
        }
        (AWAIT, 2..) => "an arm waits for one thing: give each its own `await!` arm".to_owned(),
        _ => format!(
            "expected {shape}, found {found} operand{}",
            if found == 1 { "" } else { "s" }
        ),
    }
}

fn is_each(operand: &TokenStream) -> bool {
    let mut tokens = operand.clone().into_iter();
    is_ident(tokens.next().as_ref(), "each")
        && matches!(
            tokens.next(),
            Some(TokenTree::Ident(_) | TokenTree::Group(_))
        )
}
