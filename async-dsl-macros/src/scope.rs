//! `scope!`: a block that ends when the tasks that were started in it have.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::body;
use crate::errors::compile_error;
use crate::fragments::statement;
use crate::head::typed;
use crate::tokens::{Crate, is_ident, is_punct, is_sign, regroup, sole_braces, split_first, start};
use crate::words::Context;

const SHAPE: &str = "`scope!` takes a block with a name for the scope: `scope!(|s| { … })` or \
                     `scope!(supervise, |s| { … })`; another crate's `scope!` is called by its path";

/// `mark` is the marker's name, located at the word `scope`.
pub(crate) fn scope(mark: Span, tokens: TokenStream, krate: &Crate) -> TokenStream {
    let (first, _, rest) = split_first(tokens.clone());
    let mut word = first.into_iter();
    let supervises = is_ident(word.next().as_ref(), "supervise") && word.next().is_none();
    let tokens = if supervises { rest } else { tokens };
    let Some(Block { name, result, body }) = Block::parse(&tokens) else {
        return compile_error(start(&tokens, mark), SHAPE);
    };
    let span = Span::mixed_site().located_at(mark);
    let private = krate.at(span);
    let contents = body::mark(body.stream(), krate, Context::Park);
    let typed = result.as_ref().map(|result| typed(result, span));
    let body = regroup(&body, quote!(#typed #contents));
    let (kind, text) = if supervises {
        ("Supervised", format!("scope!(supervise, |{name}| …)"))
    } else {
        ("Scoped", format!("scope!(|{name}| …)"))
    };
    let kind = Ident::new(kind, span);
    // Not `move`: the block is awaited here, so it borrows what it only uses.
    quote_spanned! {span=> {
        let __scope = #private::__private::#kind::new(#private::__word!(#text));
        #[allow(unused_variables)]
        let #name = __scope.handle();
        let __value = __scope.run(async #body).await;
        __value
    }}
}

/// `|s| -> T { … }`.
struct Block {
    name: Ident,
    result: Option<TokenStream>,
    body: Group,
}

impl Block {
    fn parse(tokens: &TokenStream) -> Option<Self> {
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let [first, TokenTree::Ident(name), last, ..] = all.as_slice() else {
            return None;
        };
        if !is_punct(Some(first), '|') || !is_punct(Some(last), '|') {
            return None;
        }
        let rest: TokenStream = all[3..].iter().cloned().collect();
        let (result, body) = if is_sign(&all, 3, ['-', '>']) {
            match all.last() {
                Some(TokenTree::Group(body))
                    if body.delimiter() == Delimiter::Brace && all.len() > 6 =>
                {
                    let result = all[5..all.len() - 1].iter().cloned().collect();
                    (Some(result), body.clone())
                }
                _ => return None,
            }
        } else if rest.is_empty() {
            return None;
        } else {
            let body = sole_braces(&rest).unwrap_or_else(|| {
                let at = start(&rest, Span::mixed_site());
                let mut group = Group::new(Delimiter::Brace, statement(rest.clone()));
                group.set_span(Span::mixed_site().located_at(at));
                group
            });
            (None, body)
        };
        Some(Self {
            name: name.clone(),
            result,
            body,
        })
    }
}
