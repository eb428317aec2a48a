//! `alt!`: parsed arm by arm, emitted only if every arm is right.

use proc_macro2::{Span, TokenStream};

use crate::errors::Errors;
use crate::tokens::{Crate, rename_await};
use attributes::Attributes;

mod attributes;
mod branches;
mod cursor;
mod editor;
mod emit;
mod keep;
mod operation;
mod parse;
mod pattern;

/// An arm: `pattern = operation, if condition => handler`.
struct Arm {
    attributes: Attributes,
    pattern: Option<TokenStream>,
    operation: Operation,
    condition: Option<TokenStream>,
    handler: TokenStream,
}

/// What an arm waits for.
struct Operation {
    /// Where its name is: errors and generated calls are located there.
    at: Span,
    /// How it is written.
    text: String,
    kind: Kind,
}

enum Kind {
    Take {
        channel: TokenStream,
    },
    Put {
        channel: TokenStream,
        value: TokenStream,
    },
    Await {
        operand: TokenStream,
    },
    Sleep {
        time: TokenStream,
    },
    /// Reported.
    Wrong {
        /// What may become an operation, or its operands.
        written: Vec<TokenStream>,
    },
}

/// `default => handler`.
struct Default {
    attributes: Attributes,
    at: Span,
    handler: TokenStream,
}

/// A whole `alt!`, as far as it could be parsed.
struct Alt {
    biased: bool,
    arms: Vec<Arm>,
    /// At most one, unless `cfg`s choose among them.
    defaults: Vec<Default>,
    errors: Errors,
}

/// Expands `alt!`. `mark` is located at the word itself.
pub(crate) fn alt(mark: Span, tokens: TokenStream, krate: &Crate) -> TokenStream {
    let alt = parse::parse(rename_await(tokens, krate), mark, krate);
    if alt.errors.is_empty() {
        emit::expansion(&alt, mark, krate)
    } else {
        branches::rejection(&alt)
    }
}

/// The same for rust-analyzer.
pub(crate) fn in_editor(mark: Span, tokens: TokenStream, krate: &Crate) -> TokenStream {
    let alt = parse::parse(rename_await(tokens, krate), mark, krate);
    editor::expansion(&alt, mark, krate)
}
