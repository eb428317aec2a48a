//! The arms of the `match` that `alt!` expands to: handlers, in the user's own scope, so that `?`, `break` and `return`
//! in them mean what they say.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Alt, Arm, Kind};
use crate::tokens::{reference, sole_braces};

/// All arms of the `match`.
pub(super) fn branches(alt: &Alt, private: &TokenStream, span: Span) -> TokenStream {
    let arms = alt.arms.iter().enumerate();
    let arms = arms.map(|(index, arm)| branch(arm, index, private, span));
    let none = none(alt, private, span);
    quote!(#(#arms)* #none)
}

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
        (Some(pattern), _) => Some(quote_spanned!(span=> let #pattern = #outcome;)),
        (None, Kind::Put { .. }) => Some(quote_spanned!(span=> let _ = #outcome;)),
        (None, _) => None,
    };
    let this = |value| {
        let this = quote_spanned!(span=> #private::Choice::This(#value));
        nest(index, &this, private, span)
    };
    let won = this(match binding {
        Some(_) => quote_spanned!(span=> __value),
        None => quote_spanned!(span=> _),
    });
    let expected = arm.attributes.expects.then(|| expected(arm, span));
    let handler = match (&expected, &binding) {
        (None, None) => quote_spanned!(span=> #handler,),
        _ => {
            // Those of the handler are its own.
            let braces = sole_braces(handler).map(|_| quote!(#[allow(unused_braces)]));
            quote_spanned!(span=> { #expected #binding #braces #handler })
        }
    };
    let attributes = arm.attributes.of_arm();
    let absent = arm.attributes.absent().map(|absent| {
        let never = this(quote_spanned!(span=> __never));
        quote_spanned!(span=> #absent #never => match __never {},)
    });
    quote_spanned!(span=> #attributes #won => #handler #absent)
}

/// Operand and condition once more, where they are never evaluated: a lint may be expected that is found in them, and
/// an expectation has one place.
fn expected(arm: &Arm, span: Span) -> TokenStream {
    let operand = match &arm.operation.kind {
        Kind::Take { channel } | Kind::Put { channel, .. } => channel,
        Kind::Await { operand } => operand,
        Kind::Sleep { time } => time,
        Kind::Wrong { .. } => return TokenStream::new(),
    };
    let operand = reference(operand, span);
    let condition = arm.condition.as_ref();
    let condition = condition.map(|condition| quote_spanned!(span=> if #condition));
    quote_spanned! {span=>
        #[allow(unreachable_code)]
        if false {
            ::core::unreachable!();
            #condition { let _ = #operand; }
        }
    }
}

/// What is done if no arm won: `default`, or nothing, because that cannot be.
fn none(alt: &Alt, private: &TokenStream, span: Span) -> TokenStream {
    let none = |value| nest(alt.arms.len(), &value, private, span);
    let defaults = alt.defaults.iter().map(|default| {
        let (attributes, handler) = (default.attributes.of_arm(), &default.handler);
        let none = none(quote_spanned!(span=> ()));
        quote_spanned!(span=> #attributes #none => #handler,)
    });
    let never = match has_default(alt) {
        Has::Always => None,
        Has::Never => Some(TokenStream::new()),
        Has::If(cfg) => Some(quote_spanned!(span=> #[cfg(not(#cfg))])),
    };
    let never = never.map(|absent| {
        let none = none(quote_spanned!(span=> __never));
        quote_spanned!(span=> #absent #none => match __never {},)
    });
    quote!(#(#defaults)* #never)
}

/// `pattern`, after `depth` arms that did not win.
pub(super) fn nest(
    depth: usize,
    pattern: &TokenStream,
    private: &TokenStream,
    span: Span,
) -> TokenStream {
    (0..depth).fold(
        pattern.clone(),
        |inner, _| quote_spanned!(span=> #private::Choice::Other(#inner)),
    )
}

/// Whether something is there.
pub(super) enum Has {
    Always,
    Never,
    /// If this `cfg` holds.
    If(TokenStream),
}

impl Has {
    /// Whether any of some things is there, each of which has its `cfg` or none.
    fn any(things: impl IntoIterator<Item = Option<TokenStream>>) -> Self {
        let mut cfgs = Vec::new();
        for cfg in things {
            match cfg {
                Some(cfg) => cfgs.push(cfg),
                None => return Self::Always,
            }
        }
        match cfgs.as_slice() {
            [] => Self::Never,
            [one] => Self::If(one.clone()),
            _ => Self::If(quote!(any(#(#cfgs),*))),
        }
    }
}

pub(super) fn has_default(alt: &Alt) -> Has {
    Has::any(alt.defaults.iter().map(|default| default.attributes.cfg()))
}

/// `expansion`, with errors for what only its `cfg`s decide.
pub(super) fn checked(alt: &Alt, mark: Span, expansion: &TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(mark);
    let lasting = alt.arms.iter().filter(|arm| arm.condition.is_none());
    let lasting = lasting.map(|arm| arm.attributes.cfg());
    let defaults = alt.defaults.iter().map(|default| default.attributes.cfg());
    let twice = alt
        .defaults
        .iter()
        .enumerate()
        .skip(1)
        .map(|(index, default)| {
            let before = &alt.defaults[..index];
            let before = Has::any(before.iter().map(|default| default.attributes.cfg()));
            let cfgs = [before, Has::any([default.attributes.cfg()])];
            let cfgs = cfgs.into_iter().filter_map(|has| match has {
                Has::If(cfg) => Some(cfg),
                Has::Always | Has::Never => None,
            });
            let at = Span::mixed_site().located_at(default.at);
            quote_spanned! {at=>
                #[cfg(all(#(#cfgs),*))]
                const _: () = ::core::compile_error!("`alt!` has two `default`s: remove one");
            }
        });
    let twice = quote!(#(#twice)*);
    match Has::any(lasting.chain(defaults)) {
        Has::If(cfg) => quote_spanned! {span=> {
            #twice
            #[cfg(#cfg)]
            #expansion
            #[cfg(not(#cfg))]
            {
                ::core::compile_error!(
                    "what is left of this `alt!` by its `cfg`s could wait for ever: add `default => …`, or an arm \
                     without a `cfg`"
                )
            }
        }},
        Has::Always | Has::Never if twice.is_empty() => expansion.clone(),
        Has::Always | Has::Never => quote_spanned!(span=> { #twice #expansion }),
    }
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
            Kind::Wrong { .. } => (None, None),
        };
        let operand = operand.map(|operand| {
            let operand = reference(operand, span);
            quote_spanned!(span=> let _ = #operand;)
        });
        let value = value.map(|value| quote_spanned!(span=> let _ = #value;));
        let pattern = arm.pattern.clone().filter(|pattern| !pattern.is_empty());
        let binding = pattern.map(|pattern| quote_spanned!(span=> let #pattern = __wrong;));
        let attributes = arm.attributes.of_part();
        quote_spanned! {span=>
            #attributes
            if false { #operand #value #binding let _ = #handler; }
        }
    });
    let defaults = alt.defaults.iter().map(|default| {
        let (attributes, handler) = (default.attributes.of_part(), &default.handler);
        quote_spanned!(span=> #attributes if false { let _ = #handler; })
    });
    quote_spanned!(span=> {
        let __wrong = { #errors };
        #(#handlers)*
        #(#defaults)*
        __wrong
    })
}
