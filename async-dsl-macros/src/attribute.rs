//! `#[async_dsl::main]`, `#[async_dsl::test]` and `#[linear]`: an `async fn` whose body is linear code.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Path, Signature, Token, Visibility};

use crate::body;
use crate::errors::Errors;
use crate::fragments::{ungroup, ungroup_deep};
use crate::main_options::{self, MainOptions};
use crate::test_options::{self, TestOptions};
use crate::tokens::{Crate, is_punct, regroup, start};
use crate::words::Context;

/// The attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Main,
    Test,
    Linear,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Main => "#[async_dsl::main]",
            Self::Test => "#[async_dsl::test]",
            Self::Linear => "#[linear]",
        }
    }

    fn known_options(self) -> &'static str {
        match self {
            Self::Main => {
                "`workers = 4`, `graceful = 10s`, `tokio` and `crate = path::of::async_dsl`"
            }
            Self::Test => {
                "`seeds = 1000`, `seed = 17`, `strategy = pct`, `exhaustive`, `most = 100_000`, `unawaited_panics = allow`, `threads = 2` and `crate = path::of::async_dsl`"
            }
            Self::Linear => "`crate = path::of::async_dsl`",
        }
    }

    fn knows(self, option: &str) -> bool {
        match self {
            Self::Main => option == "crate" || main_options::NAMES.contains(&option),
            Self::Test => option == "crate" || test_options::NAMES.contains(&option),
            Self::Linear => option == "crate",
        }
    }
}

/// A function whose body need not parse.
struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: TokenTree,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

#[derive(Default)]
struct Options {
    main: MainOptions,
    test: TestOptions,
    krate: Option<TokenStream>,
}

pub(crate) fn expand(kind: Kind, options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(kind, ungroup(options), &mut errors);
    let Ok(Function {
        attributes,
        visibility,
        mut signature,
        body,
    }) = syn::parse2::<Function>(without_groups(item.clone()))
    else {
        if is_function(&item) {
            // rustc reports the mistake.
            return item;
        }
        errors.push(
            start(&item, Span::mixed_site()),
            format!("`{}` belongs on an `async fn`", kind.name()),
        );
        let errors = errors.statements();
        return quote!(#errors #item);
    };
    let krate = options
        .krate
        .unwrap_or_else(|| quote_spanned!(Span::mixed_site()=> ::async_dsl));
    let krate = Crate::new(krate);
    let TokenTree::Group(group) = body else {
        errors.push(
            body.span(),
            format!("`{}` needs a function with a body", kind.name()),
        );
        let errors = errors.statements();
        return quote!(#errors #(#attributes)* #visibility #signature #body);
    };
    let is_async = signature.asyncness.is_some();
    let may_be_moved = is_async || kind == Kind::Linear;
    let contents = may_be_moved.then(|| body::mark_function(group.stream(), &krate, is_async));
    let contents = contents.flatten().unwrap_or_else(|| {
        errors.push(signature.fn_token.span, not_async(kind, &signature));
        signature.asyncness = Some(Token![async](signature.fn_token.span));
        body::mark(group.stream(), &krate, Context::Park)
    });
    let imports = body::imports(&contents, &krate, group.span_open());
    let body = regroup(&group, quote!(#imports #contents));
    if kind == Kind::Linear {
        let errors = errors.statements();
        return quote!(#errors #(#attributes)* #visibility #signature #body);
    }
    check_started(kind, &attributes, &signature, &mut errors);
    options.test.check(&mut errors);
    let started_as = match kind {
        Kind::Test => How::Test(Box::new(options.test)),
        _ => How::Main(Box::new(options.main)),
    };
    started(
        &Started {
            attributes,
            visibility,
            signature,
            body,
            how: started_as,
            errors,
        },
        &krate,
    )
}

fn not_async(kind: Kind, signature: &Signature) -> String {
    let (attribute, name) = (kind.name(), &signature.ident);
    let message = format!("`{attribute}` needs an `async fn`: write `async fn {name}`");
    if kind != Kind::Linear {
        return message;
    }
    format!("{message}, or put `#[linear]` above the attribute that takes the `async` away")
}

/// A function that is run to its end by a caller outside linear code.
struct Started {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: Group,
    how: How,
    errors: Errors,
}

/// How it is run.
enum How {
    Main(Box<MainOptions>),
    Test(Box<TestOptions>),
}

/// Returns the plain function that runs the body. The body stays a function of its own, so that its `return`, its `?`
/// and its type errors are those of any `async fn`.
fn started(function: &Started, krate: &Crate) -> TokenStream {
    let Started {
        attributes,
        visibility,
        signature,
        body,
        how,
        errors,
    } = function;
    let Signature { ident, output, .. } = signature;
    let span = Span::mixed_site().located_at(ident.span());
    let private = krate.at(span);
    let private = quote_spanned!(span=> #private::__private);
    let (test, run) = match how {
        How::Main(options) => (None, options.run(ident, krate, span)),
        How::Test(options) => (
            Some(quote_spanned!(span=> #[::core::prelude::v1::test])),
            options.run(ident, &private, span),
        ),
    };
    let run = if errors.is_empty() {
        run
    } else {
        // The mistake may be in the arguments.
        quote_spanned!(span=> ::core::unreachable!())
    };
    let errors = errors.statements();
    quote_spanned! {span=>
        #errors
        #test
        #(#attributes)*
        #visibility fn #ident() #output {
            #[allow(dead_code, clippy::unused_async)]
            #signature #body
            #run
        }
    }
}

fn check_started(kind: Kind, attributes: &[Attribute], signature: &Signature, errors: &mut Errors) {
    if let Some(argument) = signature.inputs.first() {
        let at = start(&argument.to_token_stream(), signature.ident.span());
        errors.push(
            at,
            format!(
                "`{}` calls the function, so that it can have no arguments",
                kind.name()
            ),
        );
    }
    if let Some(parameter) = signature.generics.params.first() {
        let at = start(&parameter.to_token_stream(), signature.ident.span());
        errors.push(
            at,
            format!(
                "`{}` calls the function, so that it cannot be generic",
                kind.name()
            ),
        );
    }
    if kind == Kind::Test {
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("test"))
        {
            let at = start(&attribute.path().to_token_stream(), signature.ident.span());
            errors.push(
                at,
                "`#[async_dsl::test]` makes it a test already: remove `#[test]`",
            );
        }
    }
}

/// Returns the function without invisible groups, except in its body, which is marked separately.
fn without_groups(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = ungroup(item).into_iter().collect();
    let body = tokens.pop();
    ungroup_deep(tokens.into_iter().collect())
        .into_iter()
        .chain(body)
        .collect()
}

fn is_function(item: &TokenStream) -> bool {
    item.clone()
        .into_iter()
        .any(|token| matches!(&token, TokenTree::Ident(ident) if ident == "fn"))
}

impl Options {
    fn parse(kind: Kind, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for option in tokens
            .split(|token| is_punct(Some(token), ','))
            .filter(|option| !option.is_empty())
        {
            let (name, value) = option.split_at(1);
            let at = name[0].span();
            let (is_assigned, value) = match value.split_first() {
                Some((equals, value)) => {
                    (is_punct(Some(equals), '='), value.iter().cloned().collect())
                }
                None => (false, TokenStream::new()),
            };
            let name = name[0].to_string();
            if !kind.knows(&name) {
                let (attribute, known) = (kind.name(), kind.known_options());
                errors.push(
                    at,
                    format!("unknown option `{name}`: `{attribute}` knows {known}"),
                );
            } else if name == main_options::TOKIO {
                options.main.set_tokio(at, option.len() == 1, errors);
            } else if name == test_options::EXHAUSTIVE {
                options.test.set_exhaustive(at, option.len() == 1, errors);
            } else if !is_assigned || value.is_empty() {
                errors.push(
                    at,
                    format!("the option `{name}` needs a value: `{name} = …`"),
                );
            } else {
                options.set(&name, value, errors);
            }
        }
        options
    }

    fn set(&mut self, name: &str, value: TokenStream, errors: &mut Errors) {
        let at = start(&value, Span::mixed_site());
        if test_options::NAMES.contains(&name) {
            self.test.set(name, value, at, errors);
        } else if main_options::NAMES.contains(&name) {
            self.main.set(name, value, at, errors);
        } else if name == "crate" {
            match syn::parse2::<ModPath>(value) {
                Ok(ModPath(path)) => self.krate = Some(path.into_token_stream()),
                Err(_) => errors.push(
                    at,
                    "`crate` is the path of async-dsl, for example `crate = dsl`",
                ),
            }
        }
    }
}

/// A path in which `crate` and `super` are allowed.
struct ModPath(Path);

impl Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Path::parse_mod_style).map(Self)
    }
}
