//! The options of `#[async_dsl::main(…)]`: how many threads, and how the program ends.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, ExprLit};

use crate::duration::{self, Meaning};
use crate::errors::Errors;
use crate::tokens::Crate;

/// The options that only a main function has.
pub(crate) const NAMES: [&str; 3] = ["workers", "graceful", TOKIO];

/// The one that has no value.
pub(crate) const TOKIO: &str = "tokio";

#[derive(Default)]
pub(crate) struct MainOptions {
    workers: Option<Expr>,
    /// The time, with its place.
    graceful: Option<(TokenStream, Span)>,
    tokio: Option<Span>,
}

impl MainOptions {
    /// Takes one option with its value, which is not empty.
    pub(crate) fn set(&mut self, name: &str, value: TokenStream, at: Span, errors: &mut Errors) {
        let is_zero = value.to_string() == "0";
        let value = syn::parse2::<Expr>(value);
        match (name, value) {
            ("graceful", Ok(value)) => match time(value) {
                Ok(time) => self.graceful = Some((time, at)),
                Err(message) => errors.push(at, message),
            },
            ("graceful", Err(_)) => errors.push(at, NO_TIME),
            _ if is_zero => {
                errors.push(at, "a scheduler needs a worker: `workers` is at least 1");
            }
            (_, Ok(workers)) => self.workers = Some(workers),
            (_, Err(_)) => errors.push(
                at,
                "`workers` is a number of threads, for example `workers = 4`",
            ),
        }
    }

    /// Takes the option `tokio`.
    pub(crate) fn set_tokio(&mut self, at: Span, is_alone: bool, errors: &mut Errors) {
        self.tokio = Some(at);
        if !is_alone {
            errors.push(at, "the option `tokio` has no value: a runtime of your own is set with `scheduler::set_tokio`");
        }
    }

    /// The call that runs the main function.
    pub(crate) fn run(&self, ident: &Ident, krate: &Crate, span: Span) -> TokenStream {
        let private = krate.at(span);
        let private = quote_spanned!(span=> #private::__private);
        let workers = self.workers.as_ref();
        let workers =
            workers.map(|workers| quote_spanned!(span=> #private::set_workers(#workers);));
        let tokio = self.tokio.map(|at| {
            let at = span.located_at(at);
            let krate = krate.at(at);
            quote_spanned!(at=> #krate::__private::tokio!();)
        });
        let run = if let Some((grace, at)) = &self.graceful {
            let at = span.located_at(*at);
            let krate = krate.at(at);
            quote_spanned!(at=> #krate::__private::graceful!(#grace, #ident()))
        } else {
            quote_spanned!(span=> #private::block_on(#ident()))
        };
        quote_spanned!(span=> #workers #tokio #run)
    }
}

const NO_TIME: &str =
    "`graceful` is how long the program may take to end, for example `graceful = 10s`";

/// A literal of a duration, or an expression that may have one.
fn time(value: Expr) -> Result<TokenStream, String> {
    let Expr::Lit(ExprLit { lit, .. }) = &value else {
        return Ok(value.into_token_stream());
    };
    match duration::read(lit) {
        Meaning::Duration(call) => Ok(call),
        Meaning::Wrong(message) => Err(message),
        Meaning::Other => Err(NO_TIME.to_owned()),
    }
}
