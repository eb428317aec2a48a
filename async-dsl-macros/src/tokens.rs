//! What is done to bare tokens: splitting, relocating, and the renaming of `await!`.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::parse::{Parse, ParseStream};

use crate::fragments::{ungroup, ungroup_deep};
use crate::owner::modules_before;
use crate::words::AWAIT;

/// The path of `async_dsl` as the caller knows it: `$crate`, or the path an attribute was given.
#[derive(Clone, Debug)]
pub(crate) struct Crate(TokenStream);

impl Crate {
    pub(crate) fn new(path: TokenStream) -> Self {
        Self(path)
    }

    /// Takes the path off the front of an inner macro's input, where its `macro_rules!` put it.
    pub(crate) fn split(input: TokenStream) -> (Self, TokenStream) {
        let mut tokens = input.into_iter();
        match tokens.next() {
            Some(TokenTree::Group(path)) => (Self(path.stream()), ungroup(tokens.collect())),
            // Somebody calls the hidden macro by hand; name resolution will tell them.
            other => (
                Self(TokenStream::new()),
                other.into_iter().chain(tokens).collect(),
            ),
        }
    }

    /// The path as it was given.
    pub(crate) fn path(&self) -> &TokenStream {
        &self.0
    }

    /// The path, resolved where it was written but located at `span`.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        let relocate = |mut token: TokenTree| {
            token.set_span(token.span().located_at(span));
            token
        };
        self.0.clone().into_iter().map(relocate).collect()
    }
}

/// One parsed piece and the tokens after it.
pub(crate) struct Partial<T>(pub(crate) T, pub(crate) TokenStream);

impl<T: Parse> Parse for Partial<T> {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self(input.parse()?, input.parse()?))
    }
}

/// `group` with other contents and its own span.
pub(crate) fn regroup(group: &Group, contents: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), contents);
    new.set_span(group.span());
    new
}

pub(crate) fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

pub(crate) fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

/// Whether the two-character sign `signs` starts at `at`.
pub(crate) fn is_sign(tokens: &[TokenTree], at: usize, signs: [char; 2]) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(first))
        if first.as_char() == signs[0] && first.spacing() == Spacing::Joint)
        && is_punct(tokens.get(at + 1), signs[1])
}

/// The line and the column of `span`, for what would have those of the opener by itself: code that is not the user's.
pub(crate) fn here(span: Span) -> TokenStream {
    let [line, column] = ["line", "column"].map(|name| Ident::new(name, span));
    quote_spanned!(span=> [::core::#line!(), ::core::#column!()])
}

/// The only token of `tokens`, if it is a brace group.
pub(crate) fn sole_braces(tokens: &TokenStream) -> Option<Group> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => {
            Some(group)
        }
        _ => None,
    }
}

/// Where `tokens` start, or `otherwise` if there are none.
pub(crate) fn start(tokens: &TokenStream, otherwise: Span) -> Span {
    tokens
        .clone()
        .into_iter()
        .next()
        .map_or(otherwise, |token| match token {
            TokenTree::Group(group) => group.span_open(),
            token => token.span(),
        })
}

/// `operand` as what a `&` or a method call applies to. What is generated is located at the operand, so
/// that an error about its type underlines that and nothing else.
pub(crate) fn operand(operand: &TokenStream, otherwise: Span) -> TokenStream {
    let is_tight = match syn::parse2(operand.clone()) {
        Err(_) => true,
        Ok(operand) => matches!(
            operand,
            Expr::Array(_)
                | Expr::Await(_)
                | Expr::Call(_)
                | Expr::Field(_)
                | Expr::Index(_)
                | Expr::Lit(_)
                | Expr::Macro(_)
                | Expr::MethodCall(_)
                | Expr::Paren(_)
                | Expr::Path(_)
                | Expr::Try(_)
                | Expr::Tuple(_)
        ),
    };
    if is_tight {
        return operand.clone();
    }
    let span = Span::mixed_site().located_at(start(operand, otherwise));
    quote_spanned!(span=> (#operand))
}

/// `&operand`.
pub(crate) fn reference(of: &TokenStream, otherwise: Span) -> TokenStream {
    let span = start(of, otherwise);
    let of = operand(of, otherwise);
    quote_spanned!(span=> &#of)
}

/// Deeper nesting than this ends a parser that recurses, and rustc with it.
const DEEPEST: usize = 256;

/// Where `tokens` are nested deeper than anybody writes them.
pub(crate) fn too_deep(tokens: &TokenStream) -> Option<Span> {
    let mut levels = vec![tokens.clone().into_iter()];
    while let Some(level) = levels.last_mut() {
        match level.next() {
            Some(TokenTree::Group(group)) if levels.len() == DEEPEST => return Some(group.span()),
            Some(TokenTree::Group(group)) => levels.push(group.stream().into_iter()),
            Some(_) => {}
            None => drop(levels.pop()),
        }
    }
    None
}

/// Splits arguments at their commas: those between expressions, or, where the arguments are no
/// expressions (yet), those at the top level.
pub(crate) fn split_arguments(tokens: TokenStream) -> Vec<TokenStream> {
    let mut arguments = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let (argument, _comma, after) = split_first(rest);
        arguments.push(argument);
        rest = after;
    }
    arguments
}

/// Splits off the first argument: it, its comma's span, what follows.
pub(crate) fn split_first(tokens: TokenStream) -> (TokenStream, Option<Span>, TokenStream) {
    let tokens = ungroup(tokens);
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    // `f::<A, B>()` has a comma that separates no arguments: only a parser can tell.
    let parsed = syn::parse2::<Partial<Expr>>(tokens)
        .ok()
        .map(|Partial(_, rest)| all.len() - rest.into_iter().count());
    let end = match parsed {
        Some(end) if end == all.len() || is_punct(all.get(end), ',') => end,
        _ => all
            .iter()
            .position(|token| is_punct(Some(token), ','))
            .unwrap_or(all.len()),
    };
    let comma = all.get(end).map(TokenTree::span);
    let rest = all.iter().skip(end + 1).cloned().collect();
    (all.into_iter().take(end).collect(), comma, rest)
}

/// What a parser can take, and what it gives back in its meaning: without `await!` and without invisible groups. The
/// arguments of macros are left to whoever marks them.
pub(crate) fn prepare(tokens: TokenStream, krate: &Crate) -> TokenStream {
    ungroup_deep(rename_await(tokens, krate))
}

/// Renames `await!(…)` to the exported macro, because no parser takes it. The arguments of macros are left alone.
pub(crate) fn rename_await(tokens: TokenStream, krate: &Crate) -> TokenStream {
    renamed(&tokens, krate).unwrap_or(tokens)
}

/// The renamed tokens, or `None` if there was nothing to rename: a group that is rebuilt loses the
/// spans of its two delimiters.
fn renamed(tokens: &TokenStream, krate: &Crate) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut out = Vec::with_capacity(tokens.len());
    let mut changed = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(ident)
                if ident == "await"
                    && is_call(&tokens, at)
                    && krate.owns(&modules_before(&tokens, at)) =>
            {
                changed = true;
                if at < 2 || !is_sign(&tokens, at - 2, [':', ':']) {
                    let span = Span::mixed_site().located_at(ident.span());
                    out.extend(krate.at(ident.span()));
                    out.extend(quote_spanned!(span=> ::));
                }
                out.push(Ident::new(AWAIT, ident.span()).into());
            }
            TokenTree::Group(_) if at >= 2 && is_call(&tokens, at - 2) => out.push(token.clone()),
            TokenTree::Group(group) => match renamed(&group.stream(), krate) {
                Some(contents) => {
                    changed = true;
                    out.push(regroup(group, contents).into());
                }
                None => out.push(token.clone()),
            },
            _ => out.push(token.clone()),
        }
    }
    changed.then(|| out.into_iter().collect())
}

/// Whether the token at `at` is a name that `!` and arguments follow.
pub(crate) fn is_call(tokens: &[TokenTree], at: usize) -> bool {
    // `return !(…)` is no call.
    let is_name =
        |name: &Ident| name == "await" || syn::parse2::<Ident>(name.to_token_stream()).is_ok();
    matches!(tokens.get(at), Some(TokenTree::Ident(name)) if is_name(name))
        && is_punct(tokens.get(at + 1), '!')
        && matches!(tokens.get(at + 2), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None)
}

/// Where the macro calls among `tokens` are, not those in brackets.
pub(crate) fn calls(tokens: &TokenStream) -> Vec<Span> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_name = |at: &usize| matches!(tokens[*at], TokenTree::Ident(_)) && is_call(&tokens, *at);
    (0..tokens.len())
        .filter(is_name)
        .map(|at| tokens[at].span())
        .collect()
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::{Crate, rename_await, split_arguments, too_deep};

    #[test]
    fn await_is_renamed_at_any_depth_and_only_as_a_macro() {
        let krate = Crate::new(quote!(async_dsl));
        let tokens = quote! {
            await!(a); f(&[await!(b)]); async_dsl::await!(c); dsl::await!(c); S { x: await!(d) }; e.await; e.await != (f)
        };
        let expected = quote! {
            async_dsl::await_!(a); f(&[async_dsl::await_!(b)]); async_dsl::await_!(c); dsl::await!(c); S { x: async_dsl::await_!(d) }; e.await; e.await != (f)
        };
        assert_eq!(
            rename_await(tokens, &krate).to_string(),
            expected.to_string()
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |levels: usize| -> TokenStream {
            (0..levels).fold(quote!(x), |inner, _| quote!((#inner) y))
        };
        assert!(too_deep(&nested(255)).is_none());
        assert!(too_deep(&nested(256)).is_some());
        assert!(too_deep(&nested(2_000)).is_some());
    }

    #[test]
    fn arguments_are_split_between_expressions() {
        let split = |tokens| {
            split_arguments(tokens)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            split(quote!(f::<A, B>(), x < y, z)),
            ["f :: < A , B > ()", "x < y", "z"]
        );
        assert_eq!(split(quote!(c., 1)), ["c .", "1"]);
        assert_eq!(split(quote!(each tasks)), ["each tasks"]);
        assert_eq!(split(quote!(a,)), ["a"]);
    }
}
