//! What stands before the head of a block: `name = "…", group = g, token = t,`, in any order, for `go!` only.

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::errors::Errors;
use crate::tokens::{Crate, is_punct, split_first};

/// The options of a task.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) name: Option<TokenStream>,
    pub(crate) group: Option<TokenStream>,
    pub(crate) token: Option<TokenStream>,
}

impl Options {
    /// Takes the options off the front. One that nothing follows is an assignment, and the block itself.
    pub(crate) fn parse(
        mut tokens: TokenStream,
        opener: &str,
        errors: &mut Errors,
    ) -> (Self, TokenStream) {
        let mut options = Self::default();
        while let Some((option, value, rest)) = split(&tokens) {
            tokens = rest;
            let place = match option.to_string().as_str() {
                "name" => &mut options.name,
                "group" => &mut options.group,
                "token" => &mut options.token,
                _ => {
                    let message = format!("`{opener}` has no option `{option}`: {KNOWN}");
                    errors.push(option.span(), message);
                    continue;
                }
            };
            if opener != "go!" {
                let message =
                    format!("`{opener}` starts no task that could have a {option}: {KNOWN}");
                errors.push(option.span(), message);
            } else if value.is_empty() || tokens.is_empty() {
                let message = format!("a {option} is followed by a block: {KNOWN}");
                errors.push(option.span(), message);
            } else if place.replace(value).is_some() {
                errors.push(option.span(), format!("`{option}` is given twice"));
            }
        }
        (options, tokens)
    }

    /// Returns the options as a value for `__private`, unless there is none beside the group.
    pub(crate) fn value(&self, krate: &Crate, span: proc_macro2::Span) -> Option<TokenStream> {
        let krate = krate.at(span);
        let name = self.name.as_ref();
        let name = name.map(|name| quote_spanned!(span=> .name(#name)));
        let token = self.token.as_ref();
        let token = token.map(
            |token| quote_spanned!(span=> .token(#krate::__private::TokenOption::operand(&#token))),
        );
        (name.is_some() || token.is_some())
            .then(|| quote_spanned!(span=> #krate::__private::Options::new() #name #token))
    }
}

const KNOWN: &str = "before its block `go!` takes `name = \"…\",`, `group = g,` and `token = t,`";

/// Whether the arguments of a `go!` name a group, so that it may park.
pub(crate) fn have_group(arguments: &TokenStream) -> bool {
    let mut tokens = arguments.clone();
    while let Some((option, _, rest)) = split(&tokens) {
        if option == "group" {
            return true;
        }
        tokens = rest;
    }
    false
}

/// The first option, its value, and what follows.
fn split(tokens: &TokenStream) -> Option<(Ident, TokenStream, TokenStream)> {
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let [TokenTree::Ident(option), TokenTree::Punct(equals), ..] = all.as_slice() else {
        return None;
    };
    if equals.as_char() != '=' || equals.spacing() != Spacing::Alone {
        return None;
    }
    let (value, comma, rest) = split_first(all[2..].iter().cloned().collect());
    let is_text = syn::parse2::<syn::LitStr>(value.clone()).is_ok();
    (comma.is_some() || is_text).then(|| (option.clone(), value, rest))
}

/// Takes the marker of a place where it may park off the front. Returns what follows, and whether there was one.
pub(crate) fn without_marker(tokens: TokenStream) -> (TokenStream, bool) {
    if is_punct(tokens.clone().into_iter().next().as_ref(), '@') {
        (tokens.into_iter().skip(2).collect(), true)
    } else {
        (tokens, false)
    }
}
