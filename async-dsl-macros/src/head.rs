//! The head of a block: `|a, mut b| -> T { … }`, in closure syntax because rustfmt formats that.
//!
//! The names are cloned into the block, see [`crate::capture`]; everything else that the block uses moves. The type is
//! that of the whole block, so that `?` in it can be inferred. In front of it `go!` takes [options](crate::options).

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::body;
use crate::capture::Captures;
use crate::errors::Errors;
use crate::fragments::statement;
use crate::options::Options;
use crate::tokens::{Crate, is_ident, is_punct, is_sign, regroup, sole_braces, start};
use crate::words::Context;

/// A block of linear code with its head.
#[derive(Debug)]
pub(crate) struct Head {
    options: Options,
    captures: Captures,
    result: Option<TokenStream>,
    body: Group,
    errors: Errors,
}

impl Head {
    /// Parses the contents of the parentheses (or braces) of `opener`, as far as they can be parsed.
    pub(crate) fn parse(tokens: TokenStream, opener: &str) -> Self {
        let mut errors = Errors::default();
        let (options, tokens) = Options::parse(tokens, opener, &mut errors);
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let from = without_modifiers(&all, opener, &mut errors);
        if !is_punct(all.get(from), '|') {
            return Self {
                options,
                captures: Captures::default(),
                result: None,
                body: block_of(tokens),
                errors,
            };
        }
        let end = all[from + 1..]
            .iter()
            .position(|token| is_punct(Some(token), '|'));
        let Some(end) = end.map(|end| from + 1 + end) else {
            errors.push(
                all[from].span(),
                format!("`{opener}` has a list of captures without its closing `|`"),
            );
            let body = block_of(all[from + 1..].iter().cloned().collect());
            return Self {
                options,
                captures: Captures::default(),
                result: None,
                body,
                errors,
            };
        };
        let captures = Captures::parse(&all[from + 1..end], opener, &mut errors);
        let (result, body) = result_and_body(&all, end + 1, opener, &mut errors);
        Self {
            options,
            captures,
            result,
            body,
            errors,
        }
    }

    /// Returns the span for generated code around the block: where the block starts.
    pub(crate) fn span(&self) -> Span {
        Span::mixed_site().located_at(self.body.span_open())
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn result(&self) -> Option<&TokenStream> {
        self.result.as_ref()
    }

    /// Returns the block, its words marked, as the body of an `async` block that starts linear code.
    pub(crate) fn linear(&self, krate: &Crate) -> Group {
        let contents = body::mark(self.body.stream(), krate, Context::Park);
        let imports = body::imports(&contents, krate, self.span());
        self.body(imports.as_ref(), &contents, self.result.as_ref())
    }

    /// The same, within linear code.
    pub(crate) fn nested(&self, krate: &Crate) -> Group {
        let contents = body::mark(self.body.stream(), krate, Context::Park);
        self.body(None, &contents, self.result.as_ref())
    }

    /// Returns the block as the body of a closure, which has a result type of its own.
    pub(crate) fn blocking(&self, krate: &Crate) -> Group {
        let contents = body::mark(self.body.stream(), krate, Context::Thread);
        self.body(None, &contents, None)
    }

    fn body(
        &self,
        imports: Option<&TokenStream>,
        contents: &TokenStream,
        result: Option<&TokenStream>,
    ) -> Group {
        let span = self.span();
        let hold = self.captures.hold(span);
        let typed = result.map(|result| typed(result, span));
        regroup(&self.body, quote!(#imports #hold #typed #contents))
    }

    /// Wraps the code that uses the block: in errors, and in the clones of the captured names.
    pub(crate) fn wrap(&self, code: TokenStream) -> TokenStream {
        if self.captures.is_empty() && self.errors.is_empty() {
            return code;
        }
        let span = self.span();
        let errors = self.errors.statements();
        let clones = self.captures.clones(span);
        quote_spanned!(span=> { #errors #clones #code })
    }
}

/// Gives an `async` block its type: a `return` that is never reached.
pub(crate) fn typed(result: &TokenStream, span: Span) -> TokenStream {
    quote_spanned! {span=>
        #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::empty_loop, clippy::needless_return)]
        #[allow(clippy::let_unit_value, clippy::let_with_type_underscore)]
        if false {
            let __never: #result = loop {};
            return __never;
        }
    }
}

/// Skips `async` and `move`, which people write out of habit; each is an error of its own.
fn without_modifiers(all: &[TokenTree], opener: &str, errors: &mut Errors) -> usize {
    let modifiers = all
        .iter()
        .take_while(|token| is_ident(Some(token), "async") || is_ident(Some(token), "move"));
    let count = modifiers.count();
    let block = all.len() == count + 1
        && matches!(&all[count], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    if count == 0 || !(block || is_punct(all.get(count), '|')) {
        return 0;
    }
    let written: Vec<String> = all[..count].iter().map(ToString::to_string).collect();
    let written = written.join(" ");
    errors.push(
        all[0].span(),
        format!("`{opener}` takes the block itself: write `{opener}({{ … }})` without `{written}`"),
    );
    count
}

/// Parses what follows the captures: `-> T { … }`, a block, or an expression.
fn result_and_body(
    all: &[TokenTree],
    at: usize,
    opener: &str,
    errors: &mut Errors,
) -> (Option<TokenStream>, Group) {
    let rest = |from: usize, to: usize| all[from..to].iter().cloned().collect::<TokenStream>();
    if !is_sign(all, at, ['-', '>']) {
        return (None, block_of(rest(at, all.len())));
    }
    match all.last() {
        Some(TokenTree::Group(body))
            if body.delimiter() == Delimiter::Brace && all.len() > at + 3 =>
        {
            (Some(rest(at + 2, all.len() - 1)), body.clone())
        }
        _ => {
            let message =
                format!("a result type is followed by a block: `{opener}(|a| -> T {{ … }})`");
            errors.push(all[at].span(), message);
            (None, block_of(TokenStream::new()))
        }
    }
}

/// Returns `tokens` as a block: unchanged if they are one, else in generated braces.
fn block_of(tokens: TokenStream) -> Group {
    sole_braces(&tokens).unwrap_or_else(|| {
        let at = start(&tokens, Span::mixed_site());
        let mut group = Group::new(Delimiter::Brace, statement(tokens));
        group.set_span(Span::mixed_site().located_at(at));
        group
    })
}
