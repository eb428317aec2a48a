//! A block of linear code: parsed if it parses, scanned if it does not.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::visit_mut::VisitMut;
use syn::{Block, Item, Stmt};

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

/// Marks the words in the body of a function with an attribute; `None` if there is no `async` code in it.
///
/// Other attributes turn an `async fn` into a function that is not `async`. Its code is then in a block, which they
/// box, run or bind to a name, or in an inner function.
pub(crate) fn mark_function(
    contents: TokenStream,
    krate: &Crate,
    is_async: bool,
) -> Option<TokenStream> {
    let prepared = prepare(contents.clone(), krate);
    let Ok(mut statements) = Block::parse_within.parse2(prepared) else {
        // rustc reports the mistake.
        return (is_async || mentions(&contents, "async"))
            .then(|| mark(contents, krate, Context::Park));
    };
    let context = if is_async {
        context(&statements)
    } else {
        Context::Around
    };
    let mut marker = Marker::new(context, krate);
    for statement in &mut statements {
        marker.visit_stmt_mut(statement);
    }
    if !is_async && !marker.parked() {
        return None;
    }
    Some(if marker.changed() {
        quote!(#(#statements)*)
    } else {
        contents
    })
}

/// Returns the context of the body of an `async fn` with an attribute: linear code, unless it consists of an `async fn`
/// and a call of it, to which an attribute has moved the code.
pub(crate) fn context(statements: &[Stmt]) -> Context {
    match statements {
        [Stmt::Item(Item::Fn(inner)), Stmt::Expr(call, _)]
            if inner.sig.asyncness.is_some()
                && mentions(&call.to_token_stream(), &inner.sig.ident.to_string()) =>
        {
            Context::Around
        }
        _ => Context::Park,
    }
}

/// Returns the imports that the expansions of the words in a block's marked contents need: traits, in scope where
/// linear code begins.
pub(crate) fn imports(contents: &TokenStream, krate: &Crate, at: Span) -> Option<TokenStream> {
    let span = Span::mixed_site().located_at(at);
    let krate = krate.at(span);
    let has_alt = mentions(contents, "alt");
    let takes = (has_alt || mentions(contents, "take"))
        .then(|| quote_spanned!(span=> Takes as _, TakesStream as _,));
    let awaits = has_alt.then(|| quote_spanned!(span=> Awaits as _, AwaitsInVain as _,));
    let puts = (has_alt || mentions(contents, "put")).then(|| quote_spanned!(span=> Puts as _,));
    (takes.is_some() || puts.is_some()).then(|| {
        quote_spanned! {span=>
            #[allow(unused_imports)]
            use #krate::__private::{#awaits #puts #takes};
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
