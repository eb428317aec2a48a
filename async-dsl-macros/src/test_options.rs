//! The options of `#[async_dsl::test(…)]`: which schedules to simulate, or how many threads to use.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{Expr, Lit};

use crate::errors::Errors;

/// The options that only a test has.
pub(crate) const NAMES: [&str; 7] = [
    "seeds",
    "seed",
    "strategy",
    "most",
    "unawaited_panics",
    "threads",
    EXHAUSTIVE,
];

/// The one that has no value.
pub(crate) const EXHAUSTIVE: &str = "exhaustive";

#[derive(Default)]
pub(crate) struct TestOptions {
    seeds: Option<Expr>,
    seed: Option<Expr>,
    strategy: Option<Strategy>,
    threads: Option<Expr>,
    allows_unawaited_panics: bool,
    is_exhaustive: bool,
    most: Option<Expr>,
    /// The options given, with the places of their values.
    given: Vec<(String, Span)>,
}

enum Strategy {
    Uniform,
    Mixed,
    Pct(Option<Expr>),
}

impl TestOptions {
    /// Takes the option `exhaustive`.
    pub(crate) fn set_exhaustive(&mut self, at: Span, is_alone: bool, errors: &mut Errors) {
        self.is_exhaustive = true;
        self.given.push((EXHAUSTIVE.to_owned(), at));
        if !is_alone {
            errors.push(
                at,
                "the option `exhaustive` has no value: how many schedules it may take is `exhaustive, most = 100_000`",
            );
        }
    }

    /// Takes one option with its value, which is not empty.
    pub(crate) fn set(&mut self, name: &str, value: TokenStream, at: Span, errors: &mut Errors) {
        let is_zero = value.to_string() == "0";
        self.given.push((name.to_owned(), at));
        if name == "strategy" {
            self.strategy = Strategy::parse(value);
            if self.strategy.is_none() {
                errors.push(
                    at,
                    "`strategy` is `uniform`, `pct`, `pct(3)` with a depth, or `mixed`",
                );
            }
            return;
        }
        if name == "unawaited_panics" {
            match value.to_string().trim_matches('"') {
                "allow" => self.allows_unawaited_panics = true,
                "fail" => {}
                _ => errors.push(
                    at,
                    "`unawaited_panics` is `allow`, or `fail`, which it is by itself: write \
                     `unawaited_panics = allow` if the test expects a panic that nobody awaits",
                ),
            }
            return;
        }
        let parsed = syn::parse2::<Expr>(value).ok();
        let Some(value) = parsed.filter(|value| name == "seed" || may_be_a_number(value)) else {
            errors.push(
                at,
                match name {
                    "seeds" => "`seeds` is how many schedules to try, for example `seeds = 1000`",
                    "most" => "`most` is how many schedules an exhaustive test may take, for example `exhaustive, most = 100_000`",
                    "seed" => "`seed` is what a failing test printed, for example `seed = 17` or `seed = \"plan:0.3-2\"`",
                    _ => "`threads` is a number of threads, for example `threads = 2`",
                },
            );
            return;
        };
        match name {
            "seeds" if is_zero => errors.push(
                at,
                "without a schedule nothing is tested: `seeds` is at least 1",
            ),
            "most" if is_zero => errors.push(
                at,
                "without a schedule nothing is tested: `most` is at least 1",
            ),
            "most" => self.most = Some(value),
            "seeds" => self.seeds = Some(value),
            "seed" => self.seed = Some(value),
            _ if is_zero => errors.push(at, "a scheduler needs a thread: `threads` is at least 1"),
            _ => self.threads = Some(value),
        }
    }

    /// Checks that the options go together.
    pub(crate) fn check(&self, errors: &mut Errors) {
        let given = |name: &str| self.given.iter().find(|(given, _)| given == name);
        if given("threads").is_some() {
            for name in ["seeds", "seed", "strategy", EXHAUSTIVE, "most"] {
                if let Some((_, at)) = given(name) {
                    errors.push(
                        *at,
                        format!(
                            "real threads keep to no schedule: leave out `{name}` or `threads`"
                        ),
                    );
                }
            }
            if let Some((_, at)) = given("unawaited_panics") {
                errors.push(
                    *at,
                    "on real threads a panic that nobody awaits is printed and fails no test: leave out \
                     `unawaited_panics` or `threads`",
                );
            }
        } else if given(EXHAUSTIVE).is_some() {
            for name in ["seeds", "seed", "strategy"] {
                if let Some((_, at)) = given(name) {
                    errors.push(
                        *at,
                        format!(
                            "`exhaustive` is every schedule: leave out `{name}` or `exhaustive`"
                        ),
                    );
                }
            }
        } else if let Some((_, at)) = given("most") {
            errors.push(
                *at,
                "`most` is how many schedules an exhaustive test may take: write `exhaustive, most = …`, or `seeds = …`",
            );
        } else if given("seed").is_some() {
            for name in ["seeds", "strategy"] {
                if let Some((_, at)) = given(name) {
                    errors.push(
                        *at,
                        format!("`seed` is one schedule: leave out `{name}` or `seed`"),
                    );
                }
            }
        }
    }

    /// Returns the call that runs the test.
    pub(crate) fn run(&self, test: &Ident, private: &TokenStream, span: Span) -> TokenStream {
        if let Some(threads) = &self.threads {
            return quote_spanned!(span=> #private::on_threads(#threads, #test()));
        }
        let seeds = self
            .seeds
            .as_ref()
            .map(|seeds| quote_spanned!(span=> .seeds(#seeds)));
        let seed = self
            .seed
            .as_ref()
            .map(|seed| quote_spanned!(span=> .seed(&#seed)));
        let strategy = self.strategy.as_ref().map(|strategy| {
            let strategy = match strategy {
                Strategy::Uniform => quote_spanned!(span=> Uniform),
                Strategy::Mixed => quote_spanned!(span=> Mixed),
                Strategy::Pct(None) => quote_spanned!(span=> Pct { depth: 3 }),
                Strategy::Pct(Some(depth)) => quote_spanned!(span=> Pct { depth: #depth }),
            };
            quote_spanned!(span=> .strategy(#private::Strategy::#strategy))
        });
        let exhaustive = self.is_exhaustive.then(|| {
            let most = self.most.as_ref().map_or_else(
                || quote_spanned!(span=> #private::NO_BOUND),
                |most| quote_spanned!(span=> #private::most(#most)),
            );
            quote_spanned!(span=> .exhaustive(#most))
        });
        let allowed = self
            .allows_unawaited_panics
            .then(|| quote_spanned!(span=> .allow_unawaited_panics()));
        quote_spanned!(span=> #private::Test::new()#seeds #seed #strategy #exhaustive #allowed.run(#test))
    }
}

/// Whether the value may be a number: it may be the name of one.
fn may_be_a_number(value: &Expr) -> bool {
    match value {
        Expr::Lit(literal) => matches!(literal.lit, Lit::Int(_)),
        _ => true,
    }
}

impl Strategy {
    fn parse(value: TokenStream) -> Option<Self> {
        let (name, depth) = match syn::parse2(value).ok()? {
            Expr::Path(path) => (path.path, None),
            Expr::Call(call) => match (*call.func, call.args.len()) {
                (Expr::Path(path), 1) => (path.path, call.args.into_iter().next()),
                _ => return None,
            },
            _ => return None,
        };
        match (name.get_ident()?.to_string().as_str(), depth) {
            ("uniform", None) => Some(Self::Uniform),
            ("mixed", None) => Some(Self::Mixed),
            ("pct", depth) => Some(Self::Pct(depth)),
            _ => None,
        }
    }
}
