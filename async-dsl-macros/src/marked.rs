//! What a marked word has: the marker before its operands, and its text behind them.
//!
//! Not before them: an editor completes a name only while what stands before it is the same with and without more of the name.

use std::env;

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::source;
use crate::tokens::{is_ident, is_punct};
use crate::words::{AWAIT, PARK, Role, is_of_futures};

/// The arguments of a word, taken apart; of another macro they are all operands.
pub(crate) struct Marked {
    /// Whether a marker says that the word parks.
    pub(crate) parks: bool,
    /// Where `await!` stands.
    pub(crate) here: Option<TokenTree>,
    pub(crate) operands: TokenStream,
    /// Its text as a literal, or the code that it was.
    pub(crate) text: Option<TokenTree>,
}

impl Marked {
    pub(crate) fn split(name: &str, arguments: TokenStream) -> Self {
        let mut tokens: Vec<TokenTree> = arguments.into_iter().collect();
        let is_marked = matches!(Role::of(name), Role::Word(_)) && is_punct(tokens.first(), '@');
        let parks = is_marked && is_ident(tokens.get(1), PARK);
        let mut operands = tokens.split_off(if is_marked { tokens.len().min(2) } else { 0 });
        let here = (parks && name == AWAIT && !operands.is_empty()).then(|| operands.remove(0));
        let mut text = None;
        if let (true, [.., end, sign, _]) = (parks, operands.as_slice()) {
            if is_punct(Some(end), ';') && is_punct(Some(sign), '@') {
                text = operands.pop();
                operands.truncate(operands.len() - 2);
            }
        }
        Self {
            parks,
            here,
            operands: operands.into_iter().collect(),
            text,
        }
    }
}

/// What marking has made of the arguments of a macro.
pub(crate) struct Arguments {
    /// `None` if they stay as they are.
    pub(crate) changed: Option<TokenStream>,
    pub(crate) are_expressions: bool,
}

impl Arguments {
    pub(crate) fn map(mut self, map: impl FnOnce(TokenStream) -> TokenStream) -> Self {
        self.changed = self.changed.map(map);
        self
    }
}

/// The text of a word that parks, for behind its operands: a literal, or its code where something is still to be put in.
///
/// There is none if somebody else's macro may show the word, as `assert!` does, or something is still to be put in, and
/// nothing in it has been rewritten: then its text is made when it expands. Nor is there one behind what may not be finished,
/// so that rustc says where it ends.
pub(crate) fn text(
    name: &Ident,
    written: &TokenStream,
    marked: &Arguments,
    is_foreign: bool,
) -> Option<TokenStream> {
    let is_template = has_variables(written);
    let is_later = (is_template || is_foreign) && marked.changed.is_none();
    let is_finished = is_template || marked.are_expressions;
    if is_later || !is_finished || !has_text(name) || in_editor() {
        return None;
    }
    let span = Span::mixed_site().located_at(name.span());
    let mut text: TokenTree = if is_template {
        let word = Ident::new(name.to_string().trim_end_matches('_'), span);
        Group::new(Delimiter::Parenthesis, quote!(#word!(#written))).into()
    } else {
        Literal::string(&source::word(&name.to_string(), written)).into()
    };
    text.set_span(span);
    Some(quote_spanned!(span=> ; @#text))
}

/// Whether a word knows its text. `yield_now!` waits for nothing; the arms of an `alt!` and what is in a `timeout!` know their
/// own.
fn has_text(name: &Ident) -> bool {
    let name = name.to_string();
    is_of_futures(&name) || matches!(name.as_str(), "take" | "put" | "sleep")
}

/// Whether `tokens` are of a definition by `macro_rules!`, with variables of it in them.
fn has_variables(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match &token {
        TokenTree::Group(group) => has_variables(&group.stream()),
        token => is_punct(Some(token), '$'),
    })
}

/// Whether it is rust-analyzer that expands. To it no text is given, because the default of a `take!` comes to stand behind
/// that when the word is expanded.
fn in_editor() -> bool {
    env::var_os("RUST_ANALYZER_INTERNALS_DO_NOT_USE").is_some()
}
