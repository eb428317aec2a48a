//! The vocabulary: which macros are words, which open linear code, and where in the code a walker is.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::tokens::is_punct;

/// The name that `await!` is renamed to, because `await` is a keyword to every parser.
pub(crate) const AWAIT: &str = "await_";

/// Whether the word `name` awaits futures: some, or `each` of a list.
pub(crate) fn is_of_futures(name: &str) -> bool {
    matches!(name, AWAIT | "join" | "try_join" | "race")
}

/// What marks a word that parks.
pub(crate) const PARK: &str = "park";

/// How much of a macro's arguments belongs to the code around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operands {
    /// Every argument is evaluated where the macro stands.
    All,
    /// The first one is; the rest is linear code that the macro marks when it expands.
    First,
    /// None is: the macro marks all of it when it expands.
    None,
}

/// What the name of a macro tells about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// May park: belongs in linear code and is told where it stands.
    Word(Operands),
    /// Starts linear code, anywhere.
    Opener(Operands),
    /// A foreign macro.
    Foreign,
}

impl Role {
    /// Looks up the last segment of a macro's path.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "take" | "put" | "sleep" | "yield_now" => Self::Word(Operands::All),
            name if is_of_futures(name) => Self::Word(Operands::All),
            "timeout" => Self::Word(Operands::First),
            "alt" | "scope" => Self::Word(Operands::None),
            "send" | "update" => Self::Opener(Operands::First),
            "go" | "async_block" | "thread" | "expand" => Self::Opener(Operands::None),
            _ => Self::Foreign,
        }
    }
}

/// What a foreign macro does with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// It evaluates them, so that a literal in them is an expression.
    Expressions,
    /// It turns them into text.
    Text,
    /// Unknown. In an expression a literal is one; a literal alone may be taken as it is written.
    Anything,
}

impl Reads {
    /// Looks up the last segment of a macro's path.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "dbg" | "eprint" | "eprintln" | "format" | "format_args" | "macro_rules"
            | "matches" | "panic" | "print" | "println" | "thread_local" | "todo"
            | "unimplemented" | "unreachable" | "vec" | "write" | "writeln" => Self::Expressions,
            "cfg" | "compile_error" | "concat" | "env" | "include" | "include_bytes"
            | "include_str" | "option_env" | "stringify" => Self::Text,
            name if name.contains("assert") => Self::Expressions,
            _ => Self::Anything,
        }
    }

    /// Looks into a definition by `macro_rules!`: only `$name:literal` and `$name:tt` take a literal as it is written.
    pub(crate) fn of_definition(rules: &TokenStream) -> Self {
        if takes_tokens(rules) {
            Self::Anything
        } else {
            Self::Expressions
        }
    }
}

/// Whether there is a fragment of any kind of token.
fn takes_tokens(rules: &TokenStream) -> bool {
    let rules: Vec<TokenTree> = rules.clone().into_iter().collect();
    rules.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => takes_tokens(&group.stream()),
        TokenTree::Ident(kind) if kind == "literal" || kind == "tt" => at
            .checked_sub(3)
            .is_some_and(|name| is_punct(rules.get(name), '$') && is_punct(rules.get(at - 1), ':')),
        _ => false,
    })
}

/// Where a walker is. Each place has its own marker, and so each word its own message for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// Linear code: words park.
    Park,
    /// A plain closure in linear code.
    Closure,
    /// A nested `fn`, `const`, `static` or inline `const`.
    Item,
    /// A function that is not `async`: only the `async` code in it is linear.
    Around,
    /// The blocking code of `thread!`.
    Thread,
    /// The value of a `put!` arm of `alt!`, made while a place is reserved.
    Value,
}

impl Context {
    /// The context of a closure's body.
    pub(crate) fn closure(self, is_async: bool) -> Self {
        if is_async {
            self.future()
        } else {
            self.inside(Self::Closure)
        }
    }

    /// The context of an `async` block, which is linear code only where it is part of linear code.
    pub(crate) fn future(self) -> Self {
        self.inside(Self::Park)
    }

    /// An item and a thread stay what they are, whatever is nested in them: the word's way out is
    /// to leave them, not the closure or block it happens to stand in.
    fn inside(self, nested: Self) -> Self {
        match self {
            Self::Item | Self::Thread => self,
            Self::Around if nested == Self::Closure => self,
            Self::Around | Self::Park | Self::Closure | Self::Value => nested,
        }
    }

    /// Whether the code runs on a worker, while a task is polled.
    pub(crate) fn is_polled(self) -> bool {
        matches!(self, Self::Park | Self::Value)
    }

    /// The marker tokens, `@park` for example, located at the word they mark.
    pub(crate) fn marker(self, at: Span) -> TokenStream {
        let name = match self {
            Self::Park => PARK,
            Self::Closure => "closure",
            Self::Item | Self::Around => "item",
            Self::Thread => "thread",
            Self::Value => "value",
        };
        let span = Span::mixed_site().located_at(at);
        let name = Ident::new(name, span);
        quote_spanned!(span=> @#name)
    }
}
