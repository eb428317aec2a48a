//! The expansion of `alt!`: a `match` on which of a list of operations, polled as one, won.
//!
//! The list is in what the `match` is on, so the temporaries of operands live as long as those of a `match`. If an arm
//! has a condition, each operation is made before the list, in order, in a `match` of its own around all that follows,
//! and what is evaluated only if a condition holds keeps its temporaries in variables.
//!
//! An arm with a `cfg` has its place in the list whether it is there or not.
//!
//! Names that are bound begin with `__`: hygiene keeps them apart from the user's variables, but a constant or a unit
//! struct of the same name would be taken for a pattern.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};

use super::keep::{self, Kept};
use super::{Alt, Arm, Kind, branches};
use crate::tokens::{self, Crate, reference};

/// The expansion of an `alt!` without mistakes.
pub(super) fn expansion(alt: &Alt, mark: Span, krate: &Crate) -> TokenStream {
    let span = Span::mixed_site().located_at(mark);
    let private = krate.at(span);
    let private = quote_spanned!(span=> #private::__private);
    let has_conditions = alt.arms.iter().any(|arm| arm.condition.is_some());
    let ats = places(alt, &private);
    let named = |index: usize| format_ident!("__operation_{index}", span = span);
    let operations = alt.arms.iter().zip(&ats).enumerate();
    let operations: Vec<_> = operations
        .map(|(index, (arm, at))| {
            if has_conditions {
                named(index).into_token_stream()
            } else {
                there_or_not(arm, &operation(arm, at, &private), &private)
            }
        })
        .collect();
    let list = operations.into_iter().rev().fold(
        end(alt, &private, span),
        |rest, operation| quote_spanned!(span=> #private::Arm(#operation, #rest)),
    );
    let biased = alt.biased.then(|| quote_spanned!(span=> .biased()));
    let branches = branches::branches(alt, &private, span);
    let mut choice = quote_spanned! {span=>
        match #private::alt(#list) #biased .await {
            #branches
        }
    };
    if has_conditions {
        for (index, (arm, at)) in alt.arms.iter().zip(&ats).enumerate().rev() {
            choice = before(arm, index, at, &named(index), &choice, &private);
        }
    }
    let words = words(alt, &private);
    let whole = quote_spanned! {span=> {
        let __arms = &#private::ArmWords(&[#(#words),*]);
        #choice
    }};
    branches::checked(alt, mark, &whole)
}

/// The arms as they are written, and where. Only here is the line of an arm its own.
fn words(alt: &Alt, private: &TokenStream) -> Vec<TokenStream> {
    let words = alt.arms.iter().map(|arm| {
        let span = Span::mixed_site().located_at(arm.operation.at);
        let (here, text) = (arm.operation.at, &arm.operation.text);
        // All of it at the user's own span: a line asked for by anything else is that of the `alt!`.
        let [file, line, column] = ["file", "line", "column"]
            .map(|name| Ident::new(name, here))
            .map(|name| quote_spanned!(here=> ::core::#name!()));
        let there = arm.attributes.there();
        quote_spanned! {span=>
            #there #private::Word { file: #file, line: #line, column: #column, text: #text }
        }
    });
    words.collect()
}

/// For each arm the `At` of its operation: its number among those that are there.
fn places(alt: &Alt, private: &TokenStream) -> Vec<TokenStream> {
    let mut certain = 0_u16;
    let mut perhaps = TokenStream::new();
    let places = alt.arms.iter().map(|arm| {
        let span = Span::mixed_site().located_at(arm.operation.at);
        let number = Literal::u16_unsuffixed(certain);
        let at = quote_spanned!(span=> #private::at::arm(__arms, #number #perhaps));
        match arm.attributes.cfg() {
            None => certain += 1,
            Some(cfg) => perhaps.extend(quote_spanned! {span=>
                + ::core::primitive::u16::from(::core::cfg!(#cfg))
            }),
        }
        at
    });
    places.collect()
}

/// The end of the list of operations.
fn end(alt: &Alt, private: &TokenStream, span: Span) -> TokenStream {
    let or_default = quote_spanned!(span=> #private::OrDefault);
    let end = quote_spanned!(span=> #private::End);
    match branches::has_default(alt) {
        branches::Has::Always => or_default,
        branches::Has::Never => end,
        branches::Has::If(cfg) => {
            quote_spanned!(span=> #[cfg(#cfg)] #or_default, #[cfg(not(#cfg))] #end)
        }
    }
}

/// An element of a list of arguments: `operation`, or what stands for it if its arm is not there.
fn there_or_not(arm: &Arm, operation: &TokenStream, private: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(arm.operation.at);
    let attributes = arm.attributes.of_part();
    let absent = arm.attributes.absent();
    let absent = absent.map(|absent| quote_spanned!(span=> , #absent #private::Absent));
    quote_spanned!(span=> #attributes #operation #absent)
}

/// `then`, with the operation of an arm before it.
fn before(
    arm: &Arm,
    index: usize,
    at: &TokenStream,
    name: &Ident,
    then: &TokenStream,
    private: &TokenStream,
) -> TokenStream {
    let span = Span::mixed_site().located_at(arm.operation.at);
    let Some(condition) = &arm.condition else {
        let operation = there_or_not(arm, &operation(arm, at, private), private);
        return quote_spanned!(span=> match #private::one(#operation) { #name => #then });
    };
    let kept = match &arm.operation.kind {
        Kind::Sleep { time } => keep::value(time, index, span),
        kind => keep::place(&receiver(kind, at, private, span), index, span),
    };
    let Kept { variables, operand } = kept;
    let operation = make(arm, &operand, at, private);
    let (attributes, there) = (arm.attributes.of_part(), arm.attributes.there());
    let (names, values): (Vec<_>, Vec<_>) = variables.into_iter().unzip();
    let absent = arm.attributes.absent();
    let absent = absent.map(|absent| quote_spanned!(span=> #absent let #name = #private::Absent;));
    let option = quote_spanned!(span=> ::core::option::Option);
    quote_spanned! {span=> {
        #(#there #[allow(unused_mut)] let mut #names;)*
        #attributes
        let #name = if #condition {
            #(#names = #values;)*
            #option::Some(#operation)
        } else {
            #option::None
        };
        #absent
        #then
    }}
}

/// An arm's operation, its operand where it is evaluated.
pub(super) fn operation(arm: &Arm, at: &TokenStream, private: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(arm.operation.at);
    let operand = match &arm.operation.kind {
        Kind::Sleep { time } => time.clone(),
        kind => receiver(kind, at, private, span),
    };
    make(arm, &operand, at, private)
}

/// What the method that makes an operation is called on.
fn receiver(kind: &Kind, at: &TokenStream, private: &TokenStream, span: Span) -> TokenStream {
    match kind {
        Kind::Take { channel } | Kind::Put { channel, .. } => tokens::operand(channel, span),
        Kind::Await { operand } => {
            if keep::is_place(operand) {
                // It may be awaited again, if it loses.
                let operand = reference(operand, span);
                quote_spanned!(span=> #private::AwaitReference(#operand, #at))
            } else {
                quote_spanned!(span=> #private::AwaitValue(#operand, #at))
            }
        }
        Kind::Sleep { .. } | Kind::Wrong { .. } => TokenStream::new(),
    }
}

fn make(arm: &Arm, operand: &TokenStream, at: &TokenStream, private: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(arm.operation.at);
    // The user's own span, so that the operation knows the arm's line, not the first one's. Not for a bound that does not
    // hold: rustc would look for the macro that the operand is from, and blame the whole `alt!`.
    let (method, here, arguments) = match &arm.operation.kind {
        Kind::Take { .. } => ("async_dsl_take", arm.operation.at, Some(at)),
        Kind::Put { .. } => ("async_dsl_reserve", arm.operation.at, Some(at)),
        Kind::Await { .. } => ("async_dsl_await", span, None),
        Kind::Sleep { .. } => {
            let time = quote_spanned!(span=> #private::SleepTime::time(#operand));
            return quote_spanned!(span=> #private::sleep_arm(#time, #at));
        }
        Kind::Wrong { .. } => return TokenStream::new(),
    };
    let method = Ident::new(method, here);
    let method = quote_spanned!(here=> #method(#arguments));
    quote_spanned!(span=> #operand.#method)
}
