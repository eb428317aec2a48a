//! Procedural macros of `async-dsl`. Use them through that crate, which documents them.
//!
//! Each of them works in three steps: *parse* the code, or scan its tokens if it does not parse; *mark*
//! every word in it with the place where it stands; *emit* the call into the runtime. The words themselves
//! are `macro_rules!` of `async-dsl`, which turn a marked word into a future or into an error.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use proc_macro2::{Literal, Span, TokenStream as Tokens, TokenTree};
use quote::ToTokens;

mod alt;
mod asked;
mod attribute;
mod awaits;
mod blocking;
mod body;
mod capture;
mod duration;
mod errors;
mod expand;
mod forms;
mod fragments;
mod go;
mod head;
mod main_options;
mod mark;
mod marked;
mod options;
mod owner;
mod scope;
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

use asked::Place;
use attribute::Kind;
use tokens::Crate;

/// `go!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn go_inner(input: TokenStream) -> TokenStream {
    opener("go!", input, go::go)
}

/// `async_block!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn async_block_inner(input: TokenStream) -> TokenStream {
    opener("async_block!", input, go::async_block)
}

/// `send!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn send_inner(input: TokenStream) -> TokenStream {
    opener("send!", input, send::send)
}

/// `update!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn update_inner(input: TokenStream) -> TokenStream {
    opener("update!", input, send::update)
}

/// `thread!`, after the path of `async_dsl` in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn thread_inner(input: TokenStream) -> TokenStream {
    opener("thread!", input, thread::thread)
}

/// `timeout!`, after the path of `async_dsl` and the marker in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn timeout_inner(input: TokenStream) -> TokenStream {
    marked("timeout!", input, timeout::timeout)
}

/// `scope!`, after the path of `async_dsl` and the marker in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn scope_inner(input: TokenStream) -> TokenStream {
    marked("scope!", input, scope::scope)
}

/// `alt!`, after the path of `async_dsl` and the marker in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn alt_inner(input: TokenStream) -> TokenStream {
    marked("alt!", input, alt::alt)
}

/// `alt!` for rust-analyzer, which type-checks it and does not run it.
#[doc(hidden)]
#[proc_macro]
pub fn alt_in_editor(input: TokenStream) -> TokenStream {
    let (krate, tokens) = Crate::split(input.into());
    shallow(tokens, |tokens| {
        let (mark, tokens) = split_mark(tokens);
        alt::in_editor(mark, tokens, &krate)
    })
    .into()
}

/// `expand!`.
#[doc(hidden)]
#[proc_macro]
pub fn expand_inner(input: TokenStream) -> TokenStream {
    shallow(input.into(), |tokens| {
        asked::quietly(|| expand::expand(&tokens))
    })
    .into()
}

/// The text of a word, as its user wrote it.
#[doc(hidden)]
#[proc_macro]
pub fn text_inner(word: TokenStream) -> TokenStream {
    shallow(word.into(), |word| {
        Literal::string(&source::text(&word)).into_token_stream()
    })
    .into()
}

/// Shows the forms of a macro in its documentation, in the place of its arms.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn shown(forms: TokenStream, definition: TokenStream) -> TokenStream {
    forms::shown(forms.into(), definition.into()).into()
}

/// Runs an `async fn main`, whose body is linear code, on the global scheduler.
///
/// | option | meaning |
/// | --- | --- |
/// | `workers = 4` | the number of its threads; otherwise the variable `ASYNC_DSL_WORKERS` says it, or the number of cores |
/// | `graceful = 10s` | how long the program may take to end when it is asked to (feature `signal`) |
/// | `tokio` | `go!` works with whatever needs a tokio runtime, see [`compat`](../async_dsl/compat/index.html) (feature `tokio`) |
/// | `crate = path` | the name of the dependency, if it was renamed |
///
/// The program ends when `main` returns; tasks that are still running end with it. `main` may return whatever a plain
/// `main` may: a `Result`, for example.
///
/// # A graceful end
///
/// With `graceful = 10s` the first Ctrl-C or `SIGTERM` ends nothing: it cancels the token that
/// [`shutdown_token`](../async_dsl/fn.shutdown_token.html) returns, and so its children. Main and the tasks that wait for it end in
/// their own way. The program waits until main has returned and no task is left, also of those that are started meanwhile, for
/// at most this time; main's result is that of the program. When the time is over, main and the tasks that are left are
/// dropped where they are parked, and a warning (`tracing`) has their lines; if main had not returned, the program ends with the
/// status 128 and the number of the signal, as a shell has it (130, 143). A second signal ends the program at once with that
/// status, and nothing is dropped. So does the first, one second after its time, if main blocks its thread.
///
/// Cancelling the token by hand does the same as the first signal, and the status is 1 if main does not end. A program that is not
/// asked ends when main returns, as always. It is `signal.NotifyContext` of Go, and `ctrl_c` with a `CancellationToken` and a
/// `TaskTracker` of tokio. On Windows it is Ctrl-C only.
///
/// # Errors
///
/// It does not compile on a function that is not `async`, has arguments or is generic.
///
/// # Panics
///
/// A panic of the body is a panic of `main`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[async_dsl::main(workers = 2)]
/// async fn main() {
///     let answers = chan::fixed(1);
///     go!(|answers| { put!(answers, 42).ok(); });
///     assert_eq!(take!(answers), Some(42));
/// }
/// ```
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, options, item)
}

/// Makes an `async fn` a test, whose body is linear code. It is [simulated](../async_dsl/sim/index.html): one thread,
/// virtual time, and a schedule that is the same each time.
///
/// | option | the test runs |
/// | --- | --- |
/// | none | under the schedule of seed 0 |
/// | `seeds = 1000` | under a thousand schedules, until one fails; that is shrunk and printed with its seed |
/// | `strategy = pct` | by probabilistic concurrency testing; also `pct(2)`, `uniform`, and `mixed`, which is the default of `seeds` (see [`Strategy`](../async_dsl/sim/enum.Strategy.html)) |
/// | `exhaustive` | under [every schedule](../async_dsl/sim/exhaustive/index.html) that can differ from the others: a small program is then proved, not sampled |
/// | `exhaustive, most = 100_000` | the same, and fails if that many were not all |
/// | `seed = 17`, `seed = "plan:0.3-2"` | under this schedule, which failed once |
/// | `unawaited_panics = allow` | and does not fail on a panic of a task that no task awaits |
/// | `threads = 2` | on a scheduler of its own with two real threads and the real time, without simulation |
/// | `crate = path` | with the dependency of this name, if it was renamed |
///
/// Two environment variables override the options, except for tests with `threads`: `ASYNC_DSL_SEED=…` runs a test
/// under that one schedule, as a failing test prints it, and `ASYNC_DSL_SEEDS=1000` runs each test under at least that
/// many.
///
/// Besides a panic and an error that it returns, a simulated test fails on a panic of a task that no task awaits,
/// naming its line (unless `unawaited_panics = allow` allows that), on a deadlock (with a report, and at once), and if
/// it has not ended after a million steps. It is closed: `thread!` in it is an error, and so is being woken by a thread
/// or a socket.
///
/// Attributes such as `#[ignore]` and `#[should_panic]` work as on any test, and the test may return a `Result`.
///
/// # Errors
///
/// It does not compile on a function that is not `async`, has arguments or is generic.
///
/// # Panics
///
/// A panic of the body fails the test.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[async_dsl::test]
/// async fn a_value_put_is_taken() {
///     let numbers = chan::fixed(1);
///     put!(numbers, 1).unwrap();
///     assert_eq!(take!(numbers), Some(1));
/// }
///
/// #[async_dsl::test(seeds = 100)]
/// async fn whoever_comes_first_is_served() {
///     let numbers = chan::fixed(1);
///     let putters = (0..2).map(|n| go!(|numbers| { put!(numbers, n).ok(); })).collect::<Vec<_>>();
///     let first = take!(numbers).unwrap();
///     let second = take!(numbers, 1s, 9).unwrap();
///     assert_eq!(first + second, 1);
///     drop(putters);
/// }
/// ```
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, options, item)
}

/// Makes the body of an `async fn` linear code, so that the words work in it.
///
/// It works on free functions and on methods. The function stays an `async fn`: call it in linear code and `.await` it.
/// `crate = path` is the name of the dependency, if it was renamed.
///
/// It works on methods in an `#[async_trait] impl` or trait, and above or below attributes such as `#[tokio::test]`,
/// `#[tokio::main]` and `#[async_recursion]`, which turn an `async fn` into a plain function: in a function that is not
/// `async`, its `async` blocks, `async` closures and `async fn`s are the linear code. So it also works on a
/// `fn next(&self) -> impl Future<…>` that ends with an `async move { … }`. It works above `#[rstest]`, but not below
/// it: `#[rstest]` passes the attributes below it on to the functions that it makes of the cases.
///
/// In a function write `.await`, and `join!` for several: rustc itself rejects `await!` there, before any attribute sees it.
///
/// # Errors
///
/// It does not compile on a function that is not `async` and has no `async` code in it. If another attribute makes it
/// so, write `#[linear]` above that one.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[linear]
/// async fn sum(numbers: &Chan<u32>) -> u32 {
///     let mut sum = 0;
///     while let Some(number) = take!(numbers) {
///         sum += number;
///     }
///     sum
/// }
///
/// let numbers = chan();
/// let sum = go!(|numbers| { sum(&numbers).await });
/// async_dsl::block_on(async_block!({
///     put!(numbers, 1).unwrap();
///     put!(numbers, 2).unwrap();
///     numbers.close();
///     assert_eq!(sum.await, 3);
/// }));
/// ```
#[proc_macro_attribute]
pub fn linear(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Linear, options, item)
}

fn opener(
    name: &str,
    input: TokenStream,
    expand: impl Fn(Tokens, &Crate) -> Tokens,
) -> TokenStream {
    let (krate, tokens) = Crate::split(input.into());
    shallow(tokens, |tokens| {
        let first = tokens::start(&tokens, Span::call_site());
        asked::offer(
            name,
            || vec![Place::of_call(first)],
            || expand::text(expand(tokens.clone(), &expand::shown_crate())),
        );
        expand(tokens, &krate)
    })
    .into()
}

/// Expands a macro that opens linear code, with its marker in front.
fn marked(
    name: &str,
    input: TokenStream,
    expand: impl Fn(Span, Tokens, &Crate) -> Tokens,
) -> TokenStream {
    let (krate, tokens) = Crate::split(input.into());
    shallow(tokens, |tokens| {
        let (mark, tokens) = split_mark(tokens);
        asked::offer(
            name,
            // An arm is shown with its `alt!`.
            || {
                std::iter::once(mark)
                    .chain(tokens::calls(&tokens))
                    .map(Place::of)
                    .collect()
            },
            || expand::text(expand(mark, tokens.clone(), &expand::shown_crate())),
        );
        expand(mark, tokens, &krate)
    })
    .into()
}

fn attribute(kind: Kind, options: TokenStream, item: TokenStream) -> TokenStream {
    shallow(item.into(), |item| {
        let function = tokens::start(&item, Span::call_site());
        let expansion = attribute::expand(kind, options.into(), item);
        asked::offer(
            kind.name(),
            || vec![Place::of(Span::call_site()), Place::of(function)],
            || expand::text_of_item(expansion.clone()),
        );
        expansion
    })
    .into()
}

/// Expands code that is nested no deeper than a parser can follow.
fn shallow(tokens: Tokens, expand: impl FnOnce(Tokens) -> Tokens) -> Tokens {
    match tokens::too_deep(&tokens) {
        None => expand(tokens),
        Some(at) => errors::compile_error(
            at,
            "this code is nested too deeply: move a part of it into a function of its own",
        ),
    }
}

/// Takes the marker off the front. Returns its span, which is that of the word.
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
