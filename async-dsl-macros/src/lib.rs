//! Procedural macros of `async-dsl`. Use them through that crate, which documents them.
//!
//! Each of them works in three steps: *parse* the code, or scan its tokens if it does not parse; *mark*
//! every word in it with the place where it stands; *emit* the call into the runtime. The words themselves
//! are `macro_rules!` of `async-dsl`, which turn a marked word into a future or into an error.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use proc_macro2::{Span, TokenStream as Tokens, TokenTree};

mod alt;
mod attribute;
mod awaits;
mod blocking;
mod body;
mod duration;
mod errors;
mod expand;
mod forms;
mod go;
mod head;
mod mark;
mod send;
mod show;
mod source;
mod test_options;
#[cfg(test)]
mod tests;
mod thread;
mod timeout;
mod tokens;
mod words;

use attribute::Kind;
use tokens::Crate;

/// `go!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn go_inner(input: TokenStream) -> TokenStream {
    opener(input, go::go)
}

/// `async_block!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn async_block_inner(input: TokenStream) -> TokenStream {
    opener(input, go::async_block)
}

/// `send!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn send_inner(input: TokenStream) -> TokenStream {
    opener(input, send::send)
}

/// `thread!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn thread_inner(input: TokenStream) -> TokenStream {
    opener(input, thread::thread)
}

/// `timeout!`, after the path of `async_dsl` and the marker in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn timeout_inner(input: TokenStream) -> TokenStream {
    opener(input, |tokens, krate| {
        let (mark, tokens) = split_mark(tokens);
        timeout::timeout(mark, tokens, krate)
    })
}

/// `alt!`, after the path of `async_dsl` and the marker in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn alt_inner(input: TokenStream) -> TokenStream {
    opener(input, |tokens, krate| {
        let (mark, tokens) = split_mark(tokens);
        alt::alt(mark, tokens, krate)
    })
}

/// `expand!`.
#[doc(hidden)]
#[proc_macro]
pub fn expand_inner(input: TokenStream) -> TokenStream {
    shallow(input.into(), |tokens| expand::expand(&tokens)).into()
}

/// Shows the forms of a macro in its documentation, in the place of its arms.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn shown(forms: TokenStream, definition: TokenStream) -> TokenStream {
    forms::shown(forms.into(), definition.into()).into()
}

/// Runs an `async fn main`, whose body is linear code.
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, options, item)
}

/// Makes an `async fn`, whose body is linear code, a test.
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, options, item)
}

/// Makes the body of an `async fn` linear code.
#[proc_macro_attribute]
pub fn linear(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Linear, options, item)
}

fn opener(input: TokenStream, expand: impl FnOnce(Tokens, &Crate) -> Tokens) -> TokenStream {
    let (krate, tokens) = Crate::split(input.into());
    shallow(tokens, |tokens| expand(tokens, &krate)).into()
}

fn attribute(kind: Kind, options: TokenStream, item: TokenStream) -> TokenStream {
    shallow(item.into(), |item| {
        attribute::expand(kind, options.into(), item)
    })
    .into()
}

/// Expands what is nested no deeper than a parser can follow.
fn shallow(tokens: Tokens, expand: impl FnOnce(Tokens) -> Tokens) -> Tokens {
    match tokens::too_deep(&tokens) {
        None => expand(tokens),
        Some(at) => errors::compile_error(
            at,
            "this code is nested too deeply: move a part of it into a function of its own",
        ),
    }
}

/// Takes the marker off the front; it is located at the word.
fn split_mark(tokens: Tokens) -> (Span, Tokens) {
    let mut tokens = tokens.into_iter();
    match tokens.next() {
        Some(TokenTree::Group(mark)) => {
            let span = mark
                .stream()
                .into_iter()
                .next()
                .map_or_else(|| mark.span(), |token| token.span());
            (span, tokens.collect())
        }
        other => (
            Span::mixed_site(),
            other.into_iter().chain(tokens).collect(),
        ),
    }
}
