//! The expansion of `alt!`: a list of operations, polled as one, and a `match` on which of them won.
//!
//! Handlers stand in the `match`, in the user's own scope, so that `?`, `break` and `return` in them
//! mean what they say.
//!
//! Names that are bound begin with `__`: hygiene keeps them apart from the user's variables, but a constant or a unit
//! struct of the same name would be taken for a pattern.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{Alt, Arm, Kind};
use crate::tokens::{self, Crate, reference};

/// The expansion of an `alt!` without mistakes.
pub(super) fn expansion(alt: &Alt, mark: Span, krate: &Crate) -> TokenStream {
    let span = Span::mixed_site().located_at(mark);
    let private = krate.at(span);
    let private = quote_spanned!(span=> #private::private);
    // With conditions, the operands are bound first and in order, so that each is evaluated only if
    // its condition holds and still lives as long as the operation made of it.
    let has_conditions = alt.arms.iter().any(|arm| arm.condition.is_some());
    let mut bindings = TokenStream::new();
    let mut operations = Vec::new();
    for (index, arm) in alt.arms.iter().enumerate() {
        let name = has_conditions.then(|| format_ident!("__operand_{index}", span = span));
        let (binding, operation) = operation(arm, index, name.as_ref(), &private);
        bindings.extend(binding);
        operations.push(operation);
    }
    let end = if alt.default.is_some() {
        quote_spanned!(span=> OrDefault)
    } else {
        quote_spanned!(span=> End)
    };
    let list = operations.into_iter().rev().fold(
        quote_spanned!(span=> #private::#end),
        |rest, operation| quote_spanned!(span=> #private::Arm(#operation, #rest)),
    );
    let biased = alt.biased.then(|| quote_spanned!(span=> .biased()));
    let choose = quote_spanned!(span=> #private::alt(#list) #biased .await);
    let choose = if has_conditions {
        quote_spanned!(span=> { #bindings #choose })
    } else {
        choose
    };
    let arms = alt.arms.iter().enumerate();
    let arms = arms.map(|(index, arm)| branch(arm, index, &private, span));
    let none = none(alt, &private, span);
    let words = words(alt, &private);
    quote_spanned! {span=> {
        let __arms = &#private::ArmWords(&[#(#words),*]);
        let __choice = #choose;
        match __choice {
            #(#arms)*
            #none
        }
    }}
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
        quote_spanned! {span=>
            #private::Word { file: #file, line: #line, column: #column, text: #text }
        }
    });
    words.collect()
}

/// An arm's operation, and the binding of its operand if that has a name.
fn operation(
    arm: &Arm,
    index: usize,
    name: Option<&Ident>,
    private: &TokenStream,
) -> (TokenStream, TokenStream) {
    let span = Span::mixed_site().located_at(arm.operation.at);
    let index = Literal::u16_unsuffixed(u16::try_from(index).unwrap_or(u16::MAX));
    let at = quote_spanned!(span=> #private::At::Arm(__arms, #index));
    let (method, operand) = match &arm.operation.kind {
        Kind::Take { channel } => (Some("async_dsl_take"), channel),
        Kind::Put { channel, .. } => (Some("async_dsl_reserve"), channel),
        Kind::Await { operand } => (None, operand),
        Kind::Sleep { time } => return timer(arm, &at, time, name, private),
        Kind::Wrong => return (TokenStream::new(), TokenStream::new()),
    };
    let make = |by_value: TokenStream, by_reference: TokenStream| {
        if let Some(method) = method {
            // The user's own span, so that the operation knows the arm's line, not the first one's.
            let method = Ident::new(method, arm.operation.at);
            let method = quote_spanned!(arm.operation.at=> #method(#at));
            quote_spanned!(span=> #by_value.#method)
        } else {
            quote_spanned!(span=> #private::await_arm(#by_reference, #at))
        }
    };
    let reference = reference(operand, span);
    match (name, &arm.condition) {
        (None, _) => {
            let operation = make(tokens::operand(operand, span), reference);
            (TokenStream::new(), operation)
        }
        (Some(name), None) => (
            quote_spanned!(span=> let #name = #reference;),
            make(quote!(#name), quote!(#name)),
        ),
        (Some(name), Some(condition)) => {
            let operand = quote_spanned!(span=> __operand);
            let operation = make(quote!((**#operand)), quote!(*#operand));
            (
                // A slice of one or none: unlike those of an `Option`, its temporaries live on.
                quote_spanned!(span=> let #name: &[&_] = if #condition { &[#reference] } else { &[] };),
                quote_spanned!(span=> #name.first().map(|#operand| #operation)),
            )
        }
    }
}

fn timer(
    arm: &Arm,
    at: &TokenStream,
    time: &TokenStream,
    name: Option<&Ident>,
    private: &TokenStream,
) -> (TokenStream, TokenStream) {
    let span = Span::mixed_site().located_at(arm.operation.at);
    let time = quote_spanned!(span=> #private::SleepTime::time(#time));
    let timer = quote_spanned!(span=> #private::sleep_arm(#time, #at));
    match (name, &arm.condition) {
        (None, _) => (TokenStream::new(), timer),
        (Some(name), None) => (quote_spanned!(span=> let #name = #timer;), quote!(#name)),
        (Some(name), Some(condition)) => {
            let option = quote_spanned!(span=> ::core::option::Option);
            let binding = quote_spanned! {span=>
                let #name = if #condition { #option::Some(#timer) } else { #option::None };
            };
            (binding, quote!(#name))
        }
    }
}

/// An arm of the `match`.
fn branch(arm: &Arm, index: usize, private: &TokenStream, span: Span) -> TokenStream {
    let handler = &arm.handler;
    // The value of a put is made in the place that was reserved for it, here where only the winner comes:
    // whoever loses still has what it would have put.
    let outcome = if let Kind::Put { value, .. } = &arm.operation.kind {
        quote_spanned!(span=> __value.put({ #value }))
    } else {
        quote_spanned!(span=> __value)
    };
    let binding = match (&arm.pattern, &arm.operation.kind) {
        (Some(pattern), _) => quote_spanned!(span=> let #pattern = #outcome;),
        (None, Kind::Put { .. }) => quote_spanned!(span=> let _ = #outcome;),
        (None, _) => {
            let ignored = quote_spanned!(span=> #private::Choice::This(_));
            let ignored = nest(index, &ignored, private, span);
            return quote_spanned!(span=> #ignored => #handler,);
        }
    };
    let this = quote_spanned!(span=> #private::Choice::This(__value));
    let this = nest(index, &this, private, span);
    quote_spanned! {span=>
        #this => {
            #binding
            #handler
        }
    }
}

/// The branch for "none of the arms": `default`, or what cannot be.
fn none(alt: &Alt, private: &TokenStream, span: Span) -> TokenStream {
    let (pattern, handler) = match &alt.default {
        Some(handler) => (quote_spanned!(span=> ()), handler.clone()),
        None => (
            quote_spanned!(span=> __never),
            quote_spanned!(span=> match __never {}),
        ),
    };
    let none = nest(alt.arms.len(), &pattern, private, span);
    quote_spanned!(span=> #none => #handler,)
}

/// `pattern`, after `depth` arms that did not win.
fn nest(depth: usize, pattern: &TokenStream, private: &TokenStream, span: Span) -> TokenStream {
    (0..depth).fold(
        pattern.clone(),
        |inner, _| quote_spanned!(span=> #private::Choice::Other(#inner)),
    )
}

/// What stands in for an `alt!` with mistakes: the errors, and whatever else can be judged or wanted by an
/// editor, with types that raise no further errors.
pub(super) fn rejection(alt: &Alt) -> TokenStream {
    let span = Span::mixed_site();
    let errors = alt.errors.value();
    let handlers = alt.arms.iter().map(|arm| {
        let handler = &arm.handler;
        let (operand, value) = match &arm.operation.kind {
            Kind::Take { channel } => (Some(channel), None),
            Kind::Put { channel, value } => (Some(channel), Some(value)),
            Kind::Await { operand } => (Some(operand), None),
            Kind::Sleep { time } => (None, Some(time)),
            Kind::Wrong => (None, None),
        };
        let operand = operand.map(|operand| {
            let operand = reference(operand, span);
            quote_spanned!(span=> let _ = #operand;)
        });
        let value = value.map(|value| quote_spanned!(span=> let _ = #value;));
        let pattern = arm.pattern.clone().filter(|pattern| !pattern.is_empty());
        let binding = pattern.map(|pattern| quote_spanned!(span=> let #pattern = __wrong;));
        quote_spanned!(span=> if false { #operand #value #binding let _ = #handler; })
    });
    let default = alt
        .default
        .iter()
        .map(|handler| quote_spanned!(span=> if false { let _ = #handler; }));
    quote_spanned!(span=> {
        let __wrong = { #errors };
        #(#handlers)*
        #(#default)*
        __wrong
    })
}
