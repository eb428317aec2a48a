//! The attributes of an arm. No macro can tell whether a `cfg` holds, so the parts of an arm are written where rustc
//! takes attributes, and those of an arm that is not there beside them.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::cursor::Cursor;
use crate::errors::Errors;
use crate::tokens::{is_punct, start};

const KNOWN: &str = "`cfg`, `cfg_attr`, `allow`, `expect`, `warn`, `deny` and `forbid` can stand before an arm of `alt!`";

const PREDICATE: &str =
    "expected a predicate: `unix`, `feature = \"…\"`, or `all(…)`, `any(…)`, `not(…)` of such";

#[derive(Default)]
pub(super) struct Attributes {
    /// Where the first one is.
    pub(super) at: Option<Span>,
    /// What must hold for the arm to be there.
    cfg: Vec<TokenStream>,
    /// Levels of lints.
    lints: Vec<TokenStream>,
    /// The same with `allow` for `expect`.
    lenient: Vec<TokenStream>,
    pub(super) expects: bool,
    /// Of a comment of several lines one is reported.
    is_documented: bool,
}

impl Attributes {
    /// Takes the attributes that come next.
    pub(super) fn parse(cursor: &mut Cursor, errors: &mut Errors) -> Self {
        let mut attributes = Self::default();
        while let Some((at, is_inner, group)) = cursor.attribute() {
            attributes.at.get_or_insert(at);
            if is_inner {
                errors.push(
                    at,
                    "an attribute of an arm is written `#[…]`, before the arm",
                );
            } else {
                attributes.add(&group.stream(), group.span(), &[], errors);
            }
        }
        attributes
    }

    /// Adds one attribute, which is there only if all of `conditions` hold.
    fn add(
        &mut self,
        attribute: &TokenStream,
        all: Span,
        conditions: &[TokenStream],
        errors: &mut Errors,
    ) {
        let (name, arguments) = split_name(attribute);
        let at = start(attribute, all);
        match (name.as_str(), arguments) {
            ("cfg", Some(arguments)) => {
                let mut predicates = split_at_commas(&arguments.stream());
                match predicates.pop() {
                    Some(cfg) if predicates.is_empty() && is_predicate(&cfg) => {
                        self.cfg.push(match conditions {
                            [] => cfg,
                            _ => quote!(any(not(all(#(#conditions),*)), #cfg)),
                        });
                    }
                    _ => errors.push(arguments.span(), PREDICATE),
                }
            }
            ("cfg_attr", Some(arguments)) => {
                let mut parts = split_at_commas(&arguments.stream()).into_iter();
                match parts.next().filter(is_predicate) {
                    Some(condition) => {
                        let conditions = [conditions, &[condition]].concat();
                        for part in parts {
                            self.add(&part, all, &conditions, errors);
                        }
                    }
                    None => errors.push(arguments.span(), PREDICATE),
                }
            }
            ("allow" | "expect" | "warn" | "deny" | "forbid", Some(arguments)) => {
                let lenient = if name == "expect" {
                    self.expects = true;
                    quote_spanned!(at=> allow #arguments)
                } else {
                    attribute.clone()
                };
                let conditional = |attribute: &TokenStream| match conditions {
                    [] => quote!(#[#attribute]),
                    conditions => quote!(#[cfg_attr(all(#(#conditions),*), #attribute)]),
                };
                self.lints.push(conditional(attribute));
                self.lenient.push(conditional(&lenient));
            }
            ("doc", _) => {
                if !std::mem::replace(&mut self.is_documented, true) {
                    errors.push(at, "an arm of `alt!` has no documentation: write `//`");
                }
            }
            _ => errors.push(at, format!("not an attribute of an arm: {KNOWN}")),
        }
    }

    /// What must hold for the arm to be there, if that is not certain.
    pub(super) fn cfg(&self) -> Option<TokenStream> {
        let cfg = &self.cfg;
        match cfg.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            _ => Some(quote!(all(#(#cfg),*))),
        }
    }

    /// The attributes of code that is there only once.
    pub(super) fn of_arm(&self) -> TokenStream {
        let lints = &self.lints;
        let there = self.there();
        quote!(#there #(#lints)*)
    }

    /// The attributes of code of which there is more in the arm: a lint may be expected that is not found here.
    pub(super) fn of_part(&self) -> TokenStream {
        let lints = &self.lenient;
        let there = self.there();
        quote!(#there #(#lints)*)
    }

    /// The `cfg` alone.
    pub(super) fn there(&self) -> Option<TokenStream> {
        self.cfg().map(|cfg| quote!(#[cfg(#cfg)]))
    }

    /// That of what stands in for the arm if it is not there.
    pub(super) fn absent(&self) -> Option<TokenStream> {
        self.cfg().map(|cfg| quote!(#[cfg(not(#cfg))]))
    }
}

/// An attribute's name, and what it has in parentheses, if that is all it has.
fn split_name(attribute: &TokenStream) -> (String, Option<Group>) {
    let mut tokens = attribute.clone().into_iter();
    match (tokens.next(), tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Group(arguments)), None) => {
            (name.to_string(), Some(arguments))
        }
        (Some(TokenTree::Ident(name)), _, _) => (name.to_string(), None),
        _ => (String::new(), None),
    }
}

/// Whether rustc takes `tokens` for what a `cfg` asks.
fn is_predicate(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(_)] => true,
        [TokenTree::Ident(_), sign, TokenTree::Literal(_)] => is_punct(Some(sign), '='),
        [TokenTree::Ident(name), TokenTree::Group(group)] => {
            let all = split_at_commas(&group.stream());
            let is_alone = name != "not" || all.len() == 1;
            group.delimiter() == Delimiter::Parenthesis && is_alone && all.iter().all(is_predicate)
        }
        _ => false,
    }
}

/// The parts between commas, one after the last of which may be.
fn split_at_commas(tokens: &TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens.clone() {
        match parts.last_mut() {
            Some(last) if !is_punct(Some(&token), ',') => last.extend([token]),
            _ => parts.push(TokenStream::new()),
        }
    }
    if parts.last().is_some_and(TokenStream::is_empty) {
        parts.pop();
    }
    parts
}
