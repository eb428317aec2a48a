//! `send!` and `update!`: an action for an agent, `|state| { … }`.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure};

use crate::body;
use crate::errors::compile_error;
use crate::fragments::statement;
use crate::head::typed;
use crate::tokens::{
    Crate, is_punct, is_sign, reference, regroup, sole_braces, split_first, start,
};
use crate::words::Context;

/// An action, parsed.
struct Action {
    /// The state's pattern, with its type if there is one.
    state: TokenStream,
    result: Option<TokenStream>,
    body: Group,
}

/// Which of the two it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Send,
    Update,
}

impl Word {
    fn shape(self) -> &'static str {
        match self {
            Self::Send => "`send!(agent, |state| { … })`",
            Self::Update => "`update!(agent, |state| { … })`",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Send => "send!",
            Self::Update => "update!",
        }
    }
}

pub(crate) fn send(tokens: TokenStream, krate: &Crate) -> TokenStream {
    expand(Word::Send, tokens, krate)
}

pub(crate) fn update(tokens: TokenStream, krate: &Crate) -> TokenStream {
    expand(Word::Update, tokens, krate)
}

fn expand(word: Word, tokens: TokenStream, krate: &Crate) -> TokenStream {
    let (agent, comma, rest) = split_first(tokens);
    let action = match comma {
        Some(comma) if !agent.is_empty() => Action::parse(word, &rest, comma),
        _ => Err((
            start(&agent, comma.unwrap_or_else(Span::mixed_site)),
            format!(
                "`{}` takes an agent and an action: {}",
                word.name(),
                word.shape()
            ),
        )),
    };
    let Action {
        state,
        result,
        body,
    } = match action {
        Ok(action) => action,
        Err((at, message)) => {
            let error = compile_error(at, &message);
            // The agent stays for editors, unless it would be reported twice.
            let agent = syn::parse2::<Expr>(agent)
                .ok()
                .map(|agent| quote!(let _ = &#agent;));
            return quote!({ #agent #error });
        }
    };
    let span = Span::mixed_site().located_at(body.span_open());
    let private = krate.at(span);
    let contents = body::mark(body.stream(), krate, Context::Park);
    let typed = result.as_ref().map(|result| typed(result, span));
    let imports = body::imports(&contents, krate, span);
    let body = regroup(&body, quote!(#imports #typed #contents));
    let agent = reference(&agent, span);
    let send = match (word, result) {
        (Word::Update, _) => {
            return quote_spanned!(span=> #private::__private::update(#agent, move |#state| {
                ::std::boxed::Box::pin(async move #body)
            }));
        }
        (Word::Send, Some(_)) => quote_spanned!(span=> send_fallible),
        (Word::Send, None) => quote_spanned!(span=> send),
    };
    quote_spanned!(span=> #private::__private::#send(#agent, move |#state| async move #body))
}

impl Action {
    fn parse(word: Word, tokens: &TokenStream, comma: Span) -> Result<Self, (Span, String)> {
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let at = start(tokens, comma);
        if !is_punct(all.first(), '|') {
            let found = all.first().map_or_else(String::new, |token| match token {
                TokenTree::Group(_) => ", found a block".to_owned(),
                token => format!(", found `{token}`"),
            });
            return Err((
                at,
                format!(
                    "expected the action `|state| {{ … }}`{found}: it is linear code by itself"
                ),
            ));
        }
        let Some(end) = all
            .iter()
            .skip(1)
            .position(|token| is_punct(Some(token), '|'))
            .map(|end| end + 1)
        else {
            return Err((at, "the state's name has no closing `|`".to_owned()));
        };
        let state: TokenStream = all[1..end].iter().cloned().collect();
        let parsed = syn::parse2::<ExprClosure>(quote!(|#state| ())).ok();
        match parsed.and_then(|closure| closure.inputs.into_iter().nth(1)) {
            Some(extra) => {
                return Err((
                    extra.span(),
                    "an action takes one thing, the agent's state".to_owned(),
                ));
            }
            None if state.is_empty() => {
                return Err((
                    at,
                    format!("an action takes the agent's state: {}", word.shape()),
                ));
            }
            None => {}
        }
        let rest = |from: usize, to: usize| all[from..to].iter().cloned().collect::<TokenStream>();
        if is_sign(&all, end + 1, ['-', '>']) {
            return match all.last() {
                Some(TokenTree::Group(body))
                    if body.delimiter() == Delimiter::Brace && all.len() > end + 4 =>
                {
                    Ok(Self {
                        state,
                        result: Some(rest(end + 3, all.len() - 1)),
                        body: body.clone(),
                    })
                }
                _ => Err((
                    all[end + 1].span(),
                    "a result type is followed by a block: `|state| -> T { … }`".to_owned(),
                )),
            };
        }
        let body = rest(end + 1, all.len());
        let body = sole_braces(&body).unwrap_or_else(|| {
            let mut group = Group::new(Delimiter::Brace, statement(body.clone()));
            group.set_span(Span::mixed_site().located_at(start(&body, at)));
            group
        });
        Ok(Self {
            state,
            result: None,
            body,
        })
    }
}
