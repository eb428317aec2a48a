//! `.await` in linear code: it stays an await, of a future that knows where it is awaited.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, ExprAwait};

use crate::source;
use crate::tokens::{Crate, here, start};

/// The longest receiver shown with the contents of its parentheses.
const LONGEST: usize = 60;

/// Returns the text of an await whose operand is not marked yet; `None` if it is to stay as it is.
///
/// The operand becomes the argument of a call, where rustc and clippy treat blocks and attributes differently.
pub(crate) fn text(wait: &ExprAwait) -> Option<String> {
    if !wait.attrs.is_empty() {
        return None;
    }
    match bare(&wait.base) {
        Expr::Block(_) | Expr::Verbatim(_) => None,
        operand if is_ours(operand) => None,
        _ => Some(format!("{}.await", short(&wait.base.to_token_stream()))),
    }
}

/// Puts the operand into a call that adds its place.
///
/// The generated code begins with the span of the operand's first token and ends with that of its last, as the user's
/// own: so rustc underlines the operand, and reports at `await` what cannot be awaited.
pub(crate) fn wrap(wait: &mut ExprAwait, text: &str, krate: &Crate) {
    let here = here(wait.await_token.span);
    let operand = bare(&wait.base).to_token_stream();
    let first = start(&operand, wait.await_token.span);
    let last = operand.clone().into_iter().last();
    let last = last.map_or(first, |token| token.span());
    let span = Span::mixed_site().located_at(first);
    let private = krate.at(span);
    let call = parentheses(
        first,
        quote_spanned! {span=>
            #private::private::awaiting(#operand, #private::private::spot!(#here #text))
        },
    );
    let nothing = parentheses(last, TokenStream::new());
    *wait.base = Expr::Verbatim(quote_spanned!(first=> #call.start #nothing));
}

fn parentheses(span: Span, contents: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, contents);
    group.set_span(span);
    group
}

/// Strips the parentheses that an argument does not need.
fn bare(mut operand: &Expr) -> &Expr {
    while let Expr::Paren(paren) = operand {
        if !paren.attrs.is_empty() {
            break;
        }
        operand = &paren.expr;
    }
    operand
}

/// Whether the code is marked already.
fn is_ours(operand: &Expr) -> bool {
    let Expr::MethodCall(call) = operand else {
        return false;
    };
    let (Expr::Call(inner), true) = (bare(&call.receiver), call.method == "start") else {
        return false;
    };
    matches!(&*inner.func, Expr::Path(function)
        if function.path.segments.last().is_some_and(|name| name.ident == "awaiting"))
}

/// Returns the source text, on one line and not too long.
fn short(operand: &TokenStream) -> String {
    let text = source::text(operand);
    if text.chars().count() <= LONGEST {
        return text;
    }
    let text = source::outline(operand);
    match text.chars().count() {
        0..=LONGEST => text,
        // The end of a chain says more than its beginning.
        len => std::iter::once('…')
            .chain(text.chars().skip(len - LONGEST))
            .collect(),
    }
}
