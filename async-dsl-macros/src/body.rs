//! A block of linear code: parsed if it parses, scanned if it does not.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Block;
use syn::parse::Parser;
use syn::visit_mut::VisitMut;

use crate::mark::Marker;
use crate::tokens::{Crate, rename_await};
use crate::words::Context;

/// Marks the words in a block's contents.
///
/// Contents that do not parse are marked token by token and emitted all the same: then rustc reports
/// the user's own mistake, and an editor still has every token to complete.
pub(crate) fn mark(contents: TokenStream, krate: &Crate, context: Context) -> TokenStream {
    let contents = rename_await(contents, krate);
    let mut marker = Marker::new(context);
    let Ok(mut statements) = Block::parse_within.parse2(contents.clone()) else {
        return marker.scan(contents);
    };
    for statement in &mut statements {
        marker.visit_stmt_mut(statement);
    }
    if marker.changed() {
        quote!(#(#statements)*)
    } else {
        contents
    }
}

/// What the expansions of words use: traits, in scope where linear code begins.
pub(crate) fn imports(krate: &Crate, at: Span) -> TokenStream {
    let span = Span::mixed_site().located_at(at);
    let krate = krate.at(span);
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use #krate::private::{Puts as _, Takes as _};
    }
}

/// Marks the words in one expression.
pub(crate) fn mark_expression(tokens: TokenStream, krate: &Crate, context: Context) -> TokenStream {
    Marker::new(context).expression(rename_await(tokens, krate))
}
