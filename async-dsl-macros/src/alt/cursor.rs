//! A position in the tokens of an `alt!`.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};

use crate::owner::modules_before;
use crate::tokens::{is_ident, is_punct, is_sign};

/// A handler that is not a block, and the tokens after it.
struct Handler(usize);

impl Parse for Handler {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        // As in `match`: what ends with a block ends the arm.
        syn::Expr::parse_with_earlier_boundary_rule(input)?;
        let rest: TokenStream = input.parse()?;
        Ok(Self(rest.into_iter().count()))
    }
}

pub(super) struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    /// Located where something is missing after the last token.
    end: Span,
}

impl Cursor {
    pub(super) fn new(tokens: TokenStream, end: Span) -> Self {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let end = tokens.last().map_or(end, TokenTree::span);
        Self { tokens, at: 0, end }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at == self.tokens.len()
    }

    pub(super) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    /// The span of the next token, or of the last one if there is none.
    pub(super) fn span(&self) -> Span {
        self.peek().map_or(self.end, |token| match token {
            TokenTree::Group(group) => group.span_open(),
            token => token.span(),
        })
    }

    /// The next token as a message names it.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            None => "the end".to_owned(),
            Some(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Parenthesis => "`(`".to_owned(),
                Delimiter::Bracket => "`[`".to_owned(),
                Delimiter::Brace => "`{`".to_owned(),
                Delimiter::None => "an expression".to_owned(),
            },
            Some(TokenTree::Punct(first)) if first.spacing() == Spacing::Joint => {
                match self.tokens.get(self.at + 1) {
                    Some(TokenTree::Punct(second)) => format!("`{first}{second}`"),
                    _ => format!("`{first}`"),
                }
            }
            Some(token) => format!("`{token}`"),
        }
    }

    pub(super) fn is_comma(&self) -> bool {
        is_punct(self.peek(), ',')
    }

    pub(super) fn is_ident(&self, name: &str) -> bool {
        is_ident(self.peek(), name)
    }

    /// Whether `name` and then `sign` come next.
    pub(super) fn is_ident_then(&self, name: &str, sign: char) -> bool {
        self.is_ident(name) && is_punct(self.tokens.get(self.at + 1), sign)
    }

    /// Whether `default` comes next, as an arm and not as a variable's or module's name.
    pub(super) fn is_default(&self) -> bool {
        let after = self.tokens.get(self.at + 1);
        let is_arrow = is_sign(&self.tokens, self.at + 1, ['=', '>']);
        self.is_ident("default") && (is_arrow || !is_any_punct(after, "=!:."))
    }

    pub(super) fn is_arrow(&self) -> bool {
        is_sign(&self.tokens, self.at, ['=', '>'])
    }

    /// Whether `, if` comes next.
    pub(super) fn is_condition(&self) -> bool {
        self.is_comma() && is_ident(self.tokens.get(self.at + 1), "if")
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.tokens.len());
    }

    /// Takes the tokens before the first position at which `stop` holds.
    pub(super) fn take_until(&mut self, stop: impl Fn(&Self) -> bool) -> TokenStream {
        let from = self.at;
        while !self.is_empty() && !stop(self) {
            self.at += 1;
        }
        self.tokens[from..self.at].iter().cloned().collect()
    }

    /// Takes an attribute, if one comes next: where it is, whether it is `#![…]`, and what it says.
    pub(super) fn attribute(&mut self) -> Option<(Span, bool, Group)> {
        if !is_punct(self.peek(), '#') {
            return None;
        }
        let is_inner = is_punct(self.tokens.get(self.at + 1), '!');
        let end = self.at + 1 + usize::from(is_inner);
        match self.tokens.get(end) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                let attribute = (self.span(), is_inner, group.clone());
                self.at = end + 1;
                Some(attribute)
            }
            _ => None,
        }
    }

    /// The group that comes next, if it is in braces.
    pub(super) fn braces(&mut self) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let group = group.clone();
                self.at += 1;
                Some(group)
            }
            _ => None,
        }
    }

    /// Takes an expression that is a handler; what does not parse, up to the next comma.
    pub(super) fn expression(&mut self) -> TokenStream {
        let rest: TokenStream = self.tokens[self.at..].iter().cloned().collect();
        match syn::parse2::<Handler>(rest) {
            Ok(Handler(left)) => {
                let from = self.at;
                self.at = self.tokens.len() - left;
                self.tokens[from..self.at].iter().cloned().collect()
            }
            Err(_) => self.take_until(Self::is_comma),
        }
    }

    /// Whether the last token taken was a group in braces.
    pub(super) fn after_braces(&self) -> bool {
        let last = self
            .at
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last));
        matches!(last, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
    }

    /// Takes `pattern =`, if a pattern comes next: a lone `=` before the operation's end.
    pub(super) fn pattern(&mut self) -> Option<TokenStream> {
        let mut joined = false;
        for at in self.at..self.tokens.len() {
            let TokenTree::Punct(punct) = &self.tokens[at] else {
                joined = false;
                continue;
            };
            let is_joint =
                punct.spacing() == Spacing::Joint && is_any_punct(self.tokens.get(at + 1), "=>");
            match punct.as_char() {
                ',' => return None,
                '=' if is_joint => return None,
                '=' if !joined => {
                    let pattern = self.tokens[self.at..at].iter().cloned().collect();
                    self.at = at + 1;
                    return Some(pattern);
                }
                _ => {}
            }
            joined = punct.spacing() == Spacing::Joint;
        }
        None
    }

    /// The modules, name and arguments of a macro call, `path::name!(…)`, if one comes next.
    pub(super) fn call(&mut self) -> Option<(Vec<String>, proc_macro2::Ident, Group)> {
        let mut at = self.at;
        if is_sign(&self.tokens, at, [':', ':']) {
            at += 2;
        }
        loop {
            let Some(TokenTree::Ident(name)) = self.tokens.get(at) else {
                return None;
            };
            if is_sign(&self.tokens, at + 1, [':', ':']) {
                at += 3;
                continue;
            }
            let (true, Some(TokenTree::Group(arguments))) = (
                is_punct(self.tokens.get(at + 1), '!'),
                self.tokens.get(at + 2),
            ) else {
                return None;
            };
            let call = (
                modules_before(&self.tokens, at),
                name.clone(),
                arguments.clone(),
            );
            self.at = at + 3;
            return Some(call);
        }
    }

    /// Whether a macro call comes next.
    pub(super) fn is_call(&mut self) -> bool {
        let at = self.at;
        let found = self.call().is_some();
        self.at = at;
        found
    }
}

fn is_any_punct(token: Option<&TokenTree>, signs: &str) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if signs.contains(punct.as_char()))
}
