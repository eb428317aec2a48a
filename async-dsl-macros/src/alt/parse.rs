//! The grammar of `alt!`. A mistake is noted, and parsing goes on where the next arm can start, so that
//! every arm's mistake is reported in one run.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use super::attributes::Attributes;
use super::cursor::Cursor;
use super::{Alt, Arm, Default, operation, pattern};
use crate::body;
use crate::errors::Errors;
use crate::tokens::{Crate, regroup};
use crate::words::Context;

/// More arms than this are no `alt!`, and the arms are a nested type.
const MOST_ARMS: usize = 64;

pub(super) fn parse(tokens: TokenStream, mark: Span, krate: &Crate) -> Alt {
    let mut parser = Parser {
        cursor: Cursor::new(tokens, mark),
        krate,
        errors: Errors::default(),
    };
    let mut alt = Alt {
        biased: false,
        arms: Vec::new(),
        defaults: Vec::new(),
        errors: Errors::default(),
    };
    let mut conditions = Vec::new();
    let mut is_first = true;
    while !parser.cursor.is_empty() {
        let attributes = Attributes::parse(&mut parser.cursor, &mut parser.errors);
        if let Some(at) = attributes.at.filter(|_| parser.is_no_arm()) {
            let message = "an attribute stands before an arm of `alt!`, and none follows";
            parser.errors.push(at, message);
        }
        if parser.cursor.is_empty() {
            break;
        } else if parser.cursor.is_ident_then("biased", ';') {
            if !is_first {
                parser.errors.push(
                    parser.cursor.span(),
                    "`biased;` stands first in `alt!`, before every arm",
                );
            }
            alt.biased = true;
            parser.cursor.skip(2);
        } else if parser.cursor.is_default() {
            alt.defaults
                .extend(parser.default(attributes, &alt.defaults));
        } else if alt.arms.len() == MOST_ARMS {
            let message = format!(
                "`alt!` has at most {MOST_ARMS} arms: wait for a list of operations with `alts(…)`"
            );
            parser.errors.push(parser.cursor.span(), message);
            break;
        } else {
            let (arm, condition) = parser.arm(attributes);
            conditions.push(condition);
            alt.arms.push(arm);
        }
        is_first = false;
    }
    alt.errors = parser.errors;
    if alt.errors.is_empty() && alt.defaults.is_empty() {
        if alt.arms.is_empty() {
            alt.errors.push(
                parser.cursor.span(),
                "`alt!` without an arm would wait for ever: add one, or a `default`",
            );
        } else if let Some(Some(first)) = conditions
            .iter()
            .all(Option::is_some)
            .then(|| conditions[0])
        {
            alt.errors.push(
                first,
                "every arm of this `alt!` has a condition, so it could wait for ever: add `default => …`, or an \
                 arm without a condition",
            );
        }
    }
    alt
}

struct Parser<'a> {
    cursor: Cursor,
    krate: &'a Crate,
    errors: Errors,
}

impl Parser<'_> {
    /// Whether no arm can follow.
    fn is_no_arm(&self) -> bool {
        self.cursor.is_empty() || self.cursor.is_ident_then("biased", ';')
    }

    fn default(&mut self, attributes: Attributes, before: &[Default]) -> Option<Default> {
        let at = self.cursor.span();
        self.cursor.skip(1);
        if self.cursor.is_condition() || self.cursor.is_ident("if") {
            self.cursor.skip(usize::from(self.cursor.is_comma()));
            self.errors.push(
                self.cursor.span(),
                "`default` has no condition: it is there when no arm is ready",
            );
            self.cursor.take_until(Cursor::is_arrow);
        }
        let handler = self.arrow("`default`").then(|| self.handler()).flatten();
        // Of two with a `cfg` each, one may be there.
        let is_certain = |attributes: &Attributes| attributes.cfg().is_none();
        if is_certain(&attributes) && before.iter().any(|other| is_certain(&other.attributes)) {
            self.errors
                .push(at, "`alt!` has two `default`s: remove one");
            return None;
        }
        handler.map(|handler| Default {
            attributes,
            at,
            handler,
        })
    }

    /// An arm, with the span of its condition's `if`.
    fn arm(&mut self, attributes: Attributes) -> (Arm, Option<Span>) {
        let first = self.cursor.span();
        let pattern = if self.cursor.is_call() {
            None
        } else {
            self.cursor.pattern()
        };
        if let Some(at) = pattern.as_ref().and_then(pattern::refutable) {
            self.errors.push(
                at,
                "a pattern of `alt!` must always match, so that nothing is lost: bind the whole result \
                 and `match` it in the handler",
            );
        }
        if pattern.as_ref().is_some_and(TokenStream::is_empty) {
            self.errors.push(
                first,
                "expected a pattern before `=`: `value = take!(channel) => …`",
            );
        }
        let operation = operation::parse(&mut self.cursor, self.krate, &mut self.errors);
        let missing_comma = self.cursor.is_ident("if");
        if missing_comma {
            self.errors
                .push(self.cursor.span(), "expected `,` before the arm's `if`");
        }
        let condition = (missing_comma || self.cursor.is_condition()).then(|| {
            self.cursor.skip(usize::from(!missing_comma));
            let at = self.cursor.span();
            self.cursor.skip(1);
            let condition = self.cursor.take_until(Cursor::is_arrow);
            if condition.is_empty() {
                self.errors.push(at, "expected a condition after `if`");
            }
            (
                body::mark_expression(condition, self.krate, Context::Park),
                at,
            )
        });
        let (condition, at) = condition.unzip();
        // An arm that is not finished stays, so that an editor sees it.
        let has_arrow = self.arrow("the operation");
        let handler = has_arrow.then(|| self.handler()).flatten();
        let handler = handler.unwrap_or_else(|| quote!(()));
        (
            Arm {
                attributes,
                pattern,
                operation,
                condition,
                handler,
            },
            at,
        )
    }

    /// Takes `=>`. If it is missing, says so, and whether a handler follows all the same.
    fn arrow(&mut self, after: &str) -> bool {
        if self.cursor.is_arrow() {
            self.cursor.skip(2);
            return true;
        }
        let found = self.cursor.found();
        self.errors.push(
            self.cursor.span(),
            format!("expected `=>` and a handler after {after}, found {found}"),
        );
        if self.cursor.found() == "`->`" {
            self.cursor.skip(2);
            return true;
        }
        if self.cursor.found() == "`{`" {
            return true;
        }
        self.cursor
            .take_until(|cursor| cursor.is_comma() || cursor.is_arrow());
        if self.cursor.is_arrow() {
            self.cursor.skip(2);
            return true;
        }
        self.cursor.skip(1);
        false
    }

    /// Takes the handler and the comma after it, which a block does not need.
    fn handler(&mut self) -> Option<TokenStream> {
        let at = self.cursor.span();
        if self.cursor.is_empty() || self.cursor.is_comma() {
            self.errors.push(
                at,
                "expected a handler after `=>`: an expression or a block",
            );
            self.cursor.skip(1);
            return None;
        }
        let handler = match self.cursor.braces() {
            Some(block) => {
                let contents = body::mark(block.stream(), self.krate, Context::Park);
                regroup(&block, contents).into_token_stream()
            }
            None => body::mark_expression(self.cursor.expression(), self.krate, Context::Park),
        };
        let ended = self.cursor.is_empty() || self.cursor.is_comma();
        self.cursor.skip(usize::from(self.cursor.is_comma()));
        if !ended && self.cursor.is_arrow() {
            // The handler swallowed the next arm: `f()` and `(a, b) = take!(c)` are one expression.
            let message =
                "expected `,` after the handler, found `=>`: a comma is missing before this arm";
            self.errors.push(self.cursor.span(), message);
            self.cursor.skip(2);
            self.handler();
        } else if !ended && !self.cursor.after_braces() {
            let found = self.cursor.found();
            let message =
                format!("expected `,` after the handler, found {found}: only a block needs none");
            self.errors.push(self.cursor.span(), message);
        }
        Some(handler)
    }
}
