//! What rust-analyzer is given for an `alt!`: the same types and scopes, with every token that the user wrote, finished or
//! not, and without a name of ours, which it would propose beside the user's.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::branches::nest;
use super::{Alt, Arm, Kind, emit};
use crate::tokens::{Crate, operand};

/// Type-checks as the real expansion does, and is never run.
pub(super) fn expansion(alt: &Alt, mark: Span, krate: &Crate) -> TokenStream {
    let span = Span::mixed_site().located_at(mark);
    let private = krate.at(span);
    let private = quote_spanned!(span=> #private::__private);
    let at = quote_spanned!(span=> #private::at::UNKNOWN);
    let errors = alt.errors.statements();
    let end = if alt.defaults.is_empty() {
        quote_spanned!(span=> #private::End)
    } else {
        quote_spanned!(span=> #private::OrDefault)
    };
    let list = alt.arms.iter().rev().fold(end, |rest, arm| {
        let operation = operation(arm, &at, &private, span);
        quote_spanned!(span=> #private::Arm(#operation, #rest))
    });
    let arms = alt.arms.iter().enumerate();
    let arms = arms.map(|(index, arm)| branch(arm, index, &at, &private, span));
    let none = nest(alt.arms.len(), &quote!(_), &private, span);
    let defaults = alt.defaults.iter().map(|default| {
        let handler = &default.handler;
        quote_spanned!(span=> #none => #handler,)
    });
    quote_spanned! {span=> {
        #errors
        match #private::alt(#list).await {
            #(#arms)*
            #(#defaults)*
            _ => loop {},
        }
    }}
}

fn operation(arm: &Arm, at: &TokenStream, private: &TokenStream, span: Span) -> TokenStream {
    let operation = match &arm.operation.kind {
        Kind::Wrong { written } => quote_spanned!(span=> { #(#written;)* #private::Absent }),
        _ => emit::operation(arm, at, private),
    };
    match &arm.condition {
        None => operation,
        Some(condition) => {
            let option = quote_spanned!(span=> ::core::option::Option);
            quote_spanned!(span=> if #condition { #option::Some(#operation) } else { #option::None })
        }
    }
}

fn branch(
    arm: &Arm,
    index: usize,
    at: &TokenStream,
    private: &TokenStream,
    span: Span,
) -> TokenStream {
    let handler = &arm.handler;
    let pattern = arm.pattern.as_ref().filter(|pattern| !pattern.is_empty());
    let pattern = pattern.cloned().unwrap_or_else(|| quote_spanned!(span=> _));
    let this = |pattern| {
        nest(
            index,
            &quote_spanned!(span=> #private::Choice::This(#pattern)),
            private,
            span,
        )
    };
    if let Kind::Put { channel, value } = &arm.operation.kind {
        let (ignored, channel) = (this(quote_spanned!(span=> _)), operand(channel, span));
        quote_spanned! {span=>
            #ignored => match #channel.async_dsl_put({ #value }, #at).await {
                #pattern => #handler
            },
        }
    } else {
        let this = this(pattern);
        quote_spanned!(span=> #this => #handler,)
    }
}
