//! The names in the head of a block: `a`, `mut a`, `a = self.a`. Each is a clone, made before the block, of the variable of that
//! name or of what stands behind the `=`: a field, or any other expression.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Member, UnOp};

use crate::errors::Errors;
use crate::source;
use crate::tokens::{is_punct, operand, split_arguments, start};

/// A name cloned into the block.
#[derive(Debug)]
struct Capture {
    mutable: Option<Ident>,
    name: Ident,
    /// What is cloned, unless it is the variable of that name.
    source: Option<TokenStream>,
}

/// The list of captures.
#[derive(Debug, Default)]
pub(crate) struct Captures(Vec<Capture>);

impl Captures {
    /// Parses the captures between the bars. Wrong ones are left out.
    pub(crate) fn parse(tokens: &[TokenTree], opener: &str, errors: &mut Errors) -> Self {
        let mut captures: Vec<Capture> = Vec::new();
        for tokens in split_arguments(tokens.iter().cloned().collect()) {
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            if tokens.is_empty() {
                continue;
            }
            match Capture::parse(&tokens, opener, errors) {
                Ok(capture) if captures.iter().any(|other| other.name == capture.name) => {
                    let message = format!("`{}` is captured twice", capture.name);
                    errors.push(capture.name.span(), message);
                }
                Ok(capture) => captures.push(capture),
                Err((at, message)) => errors.push(at, message),
            }
        }
        Self(captures)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Moves the names into the block even if its code does not use them: they live as long as the task.
    pub(crate) fn hold(&self, span: Span) -> Option<TokenStream> {
        let names = self.0.iter().map(|capture| &capture.name);
        (!self.is_empty()).then(|| quote_spanned!(span=> let _ = (#(&#names,)*);))
    }

    /// Returns the statements that clone. A method call clones what a reference refers to, as it would if written by
    /// hand.
    pub(crate) fn clones(&self, span: Span) -> TokenStream {
        let patterns = self.0.iter().map(Capture::pattern);
        let values = self.0.iter().map(Capture::value);
        let renames = self.0.iter().any(|capture| capture.source.is_some());
        if renames && self.0.len() > 1 {
            // In one statement, because each expression means what it does outside of the block.
            return quote_spanned!(span=> let (#(#patterns),*) = (#(#values),*););
        }
        quote_spanned!(span=> #(let #patterns = #values;)*)
    }
}

impl Capture {
    fn parse(
        tokens: &[TokenTree],
        opener: &str,
        errors: &mut Errors,
    ) -> Result<Self, (Span, String)> {
        let at = tokens[0].span();
        let (mutable, rest) = match tokens {
            [TokenTree::Ident(mutable), rest @ ..] if mutable == "mut" => {
                (Some(mutable.clone()), rest)
            }
            _ => (None, tokens),
        };
        let (name, source) = match rest {
            [name] => (name, None),
            [name, equals, source @ ..] if is_punct(Some(equals), '=') => {
                (name, Some(source.iter().cloned().collect::<TokenStream>()))
            }
            _ => return Err((at, Self::wrong(rest, opener))),
        };
        // The parser knows which names are keywords.
        let Ok(name) = syn::parse2::<Ident>(name.clone().into()) else {
            return Err((at, Self::wrong(rest, opener)));
        };
        let source = source.map(|source| {
            if syn::parse2::<Expr>(source.clone()).is_ok() {
                return source;
            }
            let message = format!("expected what `{opener}` clones, as in `{name} = self.{name}`");
            errors.push(start(&source, name.span()), message);
            // The name stays, because the block may use it.
            quote!(())
        });
        Ok(Self {
            mutable,
            name,
            source,
        })
    }

    /// Returns the message for tokens that are not a capture.
    fn wrong(tokens: &[TokenTree], opener: &str) -> String {
        let written: TokenStream = tokens.iter().cloned().collect();
        let place = syn::parse2::<Expr>(written.clone()).ok();
        match place.as_ref().and_then(name_of_place) {
            Some(name) if !matches!(place, Some(Expr::Reference(_))) => {
                let name = if name == "self" { "this" } else { &name };
                let written = source::text(&written);
                format!(
                    "what `{opener}` clones needs a name in the block: write `{name} = {written}`"
                )
            }
            _ => format!(
                "the captures of `{opener}` are names, of which it clones the variables: write `name`, `mut name`, or \
                 `name = self.name`, which may be any expression"
            ),
        }
    }

    fn pattern(&self) -> TokenStream {
        let Self { mutable, name, .. } = self;
        quote!(#mutable #name)
    }

    /// Returns the clone, located at what is cloned, so that rustc reports a missing `Clone` there.
    fn value(&self) -> TokenStream {
        let span = Span::mixed_site().located_at(self.name.span());
        let source = match &self.source {
            None => self.name.to_token_stream(),
            Some(source) => operand(source, span),
        };
        quote_spanned!(span=> #source.clone())
    }
}

/// Returns the name that a place ends with; `None` if it is not a variable, a static, or a field or an element of one.
fn name_of_place(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        Expr::Field(field) => {
            let base = name_of_place(&field.base)?;
            Some(match &field.member {
                Member::Named(name) => name.to_string(),
                Member::Unnamed(_) => base,
            })
        }
        Expr::Index(index) => name_of_place(&index.expr),
        Expr::Paren(inner) => name_of_place(&inner.expr),
        Expr::Group(inner) => name_of_place(&inner.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => name_of_place(&unary.expr),
        Expr::Reference(reference) => name_of_place(&reference.expr),
        _ => None,
    }
}
