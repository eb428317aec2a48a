//! `thread!`: blocking code on a thread of its own pool. No words inside.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::head::Head;
use crate::tokens::Crate;

pub(crate) fn thread(tokens: TokenStream, krate: &Crate) -> TokenStream {
    let head = Head::parse(tokens, "thread!");
    let (span, body) = (head.span(), head.blocking(krate));
    let private = krate.at(span);
    let result = head
        .result()
        .map(|result| quote_spanned!(span=> -> #result));
    head.wrap(quote_spanned!(span=> #private::__private::spawn_thread(move || #result #body)))
}
