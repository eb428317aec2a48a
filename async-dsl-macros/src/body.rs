//! A block of linear code: parsed if it parses, scanned if it does not.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Block;
use syn::parse::Parser;
use syn::visit_mut::VisitMut;

use crate::mark::Marker;
use crate::tokens::{Crate, prepare};
use crate::words::Context;

/// Marks the words in a block's contents.
///
/// Contents that do not parse are marked token by token and emitted all the same: then rustc reports
/// the user's own mistake, and an editor still has every token to complete.
pub(crate) fn mark(contents: TokenStream, krate: &Crate, context: Context) -> TokenStream {
    let prepared = prepare(contents.clone(), krate);
    let mut walker = Marker::new(context, krate);
    let marked = match Block::parse_within.parse2(prepared.clone()) {
        Ok(mut statements) => {
            for statement in &mut statements {
                walker.visit_stmt_mut(statement);
            }
            quote!(#(#statements)*)
        }
        Err(_) => walker.scan(prepared),
    };
    if walker.changed() { marked } else { contents }
}

/// What the expansions of the words in a block's marked contents use: traits, in scope where linear code
/// begins.
pub(crate) fn imports(contents: &TokenStream, krate: &Crate, at: Span) -> Option<TokenStream> {
    let span = Span::mixed_site().located_at(at);
    let krate = krate.at(span);
    let has_alt = mentions(contents, "alt");
    let takes = (has_alt || mentions(contents, "take")).then(|| quote_spanned!(span=> Takes as _,));
    let puts = (has_alt || mentions(contents, "put")).then(|| quote_spanned!(span=> Puts as _,));
    (takes.is_some() || puts.is_some()).then(|| {
        quote_spanned! {span=>
            #[allow(unused_imports)]
            use #krate::private::{#puts #takes};
        }
    })
}

/// Whether a name occurs anywhere in `tokens`.
fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(&group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Marks the words in one expression.
pub(crate) fn mark_expression(tokens: TokenStream, krate: &Crate, context: Context) -> TokenStream {
    Marker::new(context, krate).expression(tokens)
}
