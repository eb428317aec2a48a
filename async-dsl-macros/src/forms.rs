//! The documentation of a macro: the forms that a program writes, instead of its arms, most of which are for the
//! markers of openers.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::tokens::regroup;

/// Returns `definition` with an arm for each of `forms` instead of its own. They do nothing: no program is compiled
/// with them.
pub(crate) fn shown(forms: TokenStream, definition: TokenStream) -> TokenStream {
    let forms = forms.into_iter();
    let forms = forms.filter(|token| matches!(token, TokenTree::Group(_)));
    let arms: TokenStream = forms.map(|form| quote!(#form => {};)).collect();
    let mut tokens: Vec<TokenTree> = definition.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut() {
        *body = regroup(body, arms);
    }
    tokens.into_iter().collect()
}
