//! Errors are data until they are emitted: all of one macro call are reported in one run.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// Returns one `compile_error!` at `span`, valid in place of an expression, a statement or an item.
pub(crate) fn compile_error(span: Span, message: &str) -> TokenStream {
    quote_spanned!(span=> ::core::compile_error! { #message })
}

/// The mistakes found in one macro call.
#[derive(Debug, Default)]
pub(crate) struct Errors(Vec<(Span, String)>);

impl Errors {
    pub(crate) fn push(&mut self, span: Span, message: impl Into<String>) {
        self.0.push((span, message.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the errors as statements or items.
    pub(crate) fn statements(&self) -> TokenStream {
        self.0
            .iter()
            .map(|(span, message)| compile_error(*span, message))
            .collect()
    }

    /// Returns the errors as the contents of a block, whose type rustc then does not check further.
    pub(crate) fn value(&self) -> TokenStream {
        let mut errors: Vec<_> = self
            .0
            .iter()
            .map(|(span, message)| compile_error(*span, message))
            .collect();
        let last = errors.pop();
        quote!(#(#errors)* #last)
    }
}
