//! `timeout!`: linear code that is cancelled when its time limit elapses.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

use crate::errors::compile_error;
use crate::head::Head;
use crate::tokens::{Crate, split_first};

/// `mark` is the marker's name, located at the word `timeout`.
pub(crate) fn timeout(mark: Span, tokens: TokenStream, krate: &Crate) -> TokenStream {
    let (duration, comma, block) = split_first(tokens);
    if comma.is_none() || block.is_empty() {
        let error = compile_error(
            mark,
            "`timeout!` takes a time and a block: `timeout!(1s, { … })`; another crate's `timeout!` is called by its path",
        );
        // An expression that may become the time limit stays for editors.
        let written = syn::parse2::<Expr>(duration).ok();
        let written = written.map(|time| quote!(let _ = &#time;));
        return quote!({ #written #error });
    }
    let head = Head::parse(block, "timeout!");
    let (span, body) = (Span::mixed_site().located_at(mark), head.nested(krate));
    let private = krate.at(span);
    let time = quote_spanned!(span=> #private::private::TimeoutTime::time(#duration));
    // Not `move`: the block is awaited here, so it borrows what it only uses.
    head.wrap(quote_spanned!(span=> #private::private::timeout(#time, async #body).await))
}
