//! Unit tests of whole expansions.
//!
//! After an expansion was changed on purpose: `UPDATE_EXPECT=1 cargo test -p async-dsl-macros`, and read the
//! difference.

// The snapshots are as long as they are, and `expect-test` chooses their quotes.
#![allow(clippy::too_many_lines, clippy::needless_raw_string_hashes)]

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use crate::tokens::Crate;

mod alternatives;
mod arm_attributes;
mod attributes;
mod expand;
mod fragments;
mod marking;
mod mistakes;
mod openers;

fn krate() -> Crate {
    Crate::new(quote!(async_dsl))
}

fn alt(tokens: TokenStream) -> TokenStream {
    crate::alt::alt(Span::call_site(), tokens, &krate())
}

fn timeout(tokens: TokenStream) -> TokenStream {
    crate::timeout::timeout(Span::call_site(), tokens, &krate())
}

/// An expansion in the place of an expression, formatted.
fn printed(expansion: &TokenStream) -> String {
    let function = quote!(fn expansion() { #expansion });
    prettyplease::unparse(&syn::parse2(function).expect("an expression"))
}

/// The messages of the `compile_error!`s in an expansion, in order.
fn messages(expansion: TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut is_error = false;
    for token in expansion {
        match token {
            TokenTree::Ident(name) if name == "compile_error" => is_error = true,
            TokenTree::Group(group) if is_error => {
                messages.push(group.stream().to_string().trim_matches('"').to_owned());
                is_error = false;
            }
            TokenTree::Group(group) => messages.extend(self::messages(group.stream())),
            _ => {}
        }
    }
    messages
}

/// How often each name occurs.
fn count(name: &str, tokens: &TokenStream) -> usize {
    let one = |token: TokenTree| match token {
        TokenTree::Group(group) => count(name, &group.stream()),
        token => usize::from(token.to_string() == name),
    };
    tokens.clone().into_iter().map(one).sum()
}
