//! `go!` and `async_block!`: linear code as a task, and as a future.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

use crate::errors::compile_error;
use crate::head::Head;
use crate::options::without_marker;
use crate::tokens::{Crate, operand, start};

pub(crate) fn go(tokens: TokenStream, krate: &Crate) -> TokenStream {
    let (tokens, parks) = without_marker(tokens);
    let head = Head::parse(tokens, "go!");
    let (span, body) = (head.span(), head.linear(krate));
    let private = krate.at(span);
    let options = head.options();
    if let Some(group) = &options.group {
        if !parks {
            let at = start(group, span);
            return head.wrap(compile_error(at, OUTSIDE));
        }
        let options = options.value(krate, span);
        let options =
            options.unwrap_or_else(|| quote_spanned!(span=> #private::__private::Options::new()));
        let call = quote_spanned!(span=> __group.async_dsl_start(#options, async move #body));
        let call = head.wrap(call);
        // Outside of the captures, one of which may have the name of the group.
        // Located at the group, which may be none.
        let method = Ident::new("async_dsl_group", span.located_at(start(group, span)));
        let group = operand(group, span);
        return quote_spanned! {span=> {
            use #private::__private::GroupOption as _;
            match #group.#method() { __group => #call.await }
        }};
    }
    let call = match (&options.name, &options.token) {
        (None, None) => quote_spanned!(span=> #private::__private::spawn(async move #body)),
        (Some(name), None) => {
            quote_spanned!(span=> #private::__private::spawn_named(#name, async move #body))
        }
        (_, Some(_)) => {
            let options = options.value(krate, span);
            quote_spanned!(span=> #private::__private::spawn_with(#options, async move #body))
        }
    };
    head.wrap(call)
}

const OUTSIDE: &str = "`go!(group = …)` can only be used in linear code, because it parks while the group is full: put it \
                       inside `go!({ … })` or `async_block!({ … })`, or write `#[linear]` on the `async fn`; elsewhere \
                       use `group.spawn(async_block!({ … })).await`";

pub(crate) fn async_block(tokens: TokenStream, krate: &Crate) -> TokenStream {
    let head = Head::parse(tokens, "async_block!");
    let (span, body) = (head.span(), head.linear(krate));
    head.wrap(quote_spanned!(span=> async move #body))
}
