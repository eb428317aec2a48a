//! `go!` and `async_block!`: linear code as a task, and as a future.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::head::Head;
use crate::tokens::Crate;

pub(crate) fn go(tokens: TokenStream, krate: &Crate) -> TokenStream {
    let head = Head::parse(tokens, "go!");
    let (span, body) = (head.span(), head.linear(krate));
    let private = krate.at(span);
    let call = match head.name() {
        None => quote_spanned!(span=> #private::__private::spawn(async move #body)),
        Some(name) => {
            quote_spanned!(span=> #private::__private::spawn_named(#name, async move #body))
        }
    };
    head.wrap(call)
}

pub(crate) fn async_block(tokens: TokenStream, krate: &Crate) -> TokenStream {
    let head = Head::parse(tokens, "async_block!");
    let (span, body) = (head.span(), head.linear(krate));
    head.wrap(quote_spanned!(span=> async move #body))
}
