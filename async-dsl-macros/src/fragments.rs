//! The invisible groups that fragments of `macro_rules!` (`$e:expr`, `$t:ty`, …) are to a procedural macro.
//!
//! rustc ignores those that a procedural macro returns, so that `$e * 2` would become `1 + 2 * 2`. It keeps those in
//! tokens that were not taken apart. Hence code that takes tokens apart replaces the groups first, by parentheses or,
//! where those are not needed or not allowed, by the group's contents. A group does not say which kind of fragment it
//! is; its contents and its neighbours do.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Lit, MacroDelimiter, Pat, PathArguments, RangeLimits, Type, UnOp};

use crate::tokens::{is_call, is_ident, is_punct, is_sign, regroup, sole_braces, start};

/// How far to look for groups, and what for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The top level of code.
    Shallow,
    /// Code at every depth but the arguments of macros.
    Deep,
    /// The arguments of a foreign macro, where one fragment stays one token tree.
    Arguments,
    /// Everything, for printing.
    Everywhere,
    /// The contents of the brackets of an attribute, which has no parentheses of its own.
    Attribute,
}

/// Replaces the groups at the top level of code.
pub(crate) fn ungroup(tokens: TokenStream) -> TokenStream {
    replaced(&tokens, Scope::Shallow).unwrap_or(tokens)
}

/// Replaces the groups at every depth, except in the arguments of macros, which may stay as they are.
pub(crate) fn ungroup_deep(tokens: TokenStream) -> TokenStream {
    replaced(&tokens, Scope::Deep).unwrap_or(tokens)
}

/// Replaces the groups in the arguments of a foreign macro.
pub(crate) fn ungroup_arguments(tokens: TokenStream) -> TokenStream {
    replaced(&tokens, Scope::Arguments).unwrap_or(tokens)
}

/// Replaces all groups, also in macros.
pub(crate) fn ungroup_everywhere(tokens: TokenStream) -> TokenStream {
    replaced(&tokens, Scope::Everywhere).unwrap_or(tokens)
}

/// Returns an expression as the only one in a block, where `{ 1 } + 2` would be two statements.
pub(crate) fn statement(expr: TokenStream) -> TokenStream {
    let span = Span::mixed_site().located_at(start(&expr, Span::mixed_site()));
    match Fragment::of(expr.clone()).shape {
        Shape::BeginsWithBlock => quote_spanned!(span=> (#expr)),
        _ => expr,
    }
}

/// Returns the new tokens, or `None` if there was nothing to replace.
fn replaced(tokens: &TokenStream, scope: Scope) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut out: Vec<TokenTree> = Vec::with_capacity(tokens.len());
    let mut changed = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                changed = true;
                let contents = replaced(&group.stream(), scope).unwrap_or_else(|| group.stream());
                let fragment = Fragment::of(contents);
                let place = Place {
                    before: &out,
                    after: &tokens[at + 1..],
                    scope,
                };
                if fragment.needs_parentheses(&place) {
                    let mut group = Group::new(Delimiter::Parenthesis, fragment.contents);
                    // Not the user's parentheses, so that no lint finds them superfluous.
                    group.set_span(Span::mixed_site().located_at(token.span()));
                    out.push(group.into());
                } else {
                    out.extend(made(fragment.contents));
                }
            }
            TokenTree::Group(group) => match inside(&tokens, at, scope)
                .and_then(|scope| replaced(&group.stream(), scope))
            {
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

/// Returns a block that no lint finds superfluous, as rustc does with those of fragments.
fn made(contents: TokenStream) -> TokenStream {
    let Some(block) = sole_braces(&contents) else {
        return contents;
    };
    let mut made = Group::new(Delimiter::Brace, block.stream());
    made.set_span(Span::mixed_site().located_at(block.span()));
    TokenTree::from(made).into()
}

/// Returns what to look for in the visible group at `at`.
fn inside(tokens: &[TokenTree], at: usize, scope: Scope) -> Option<Scope> {
    let is_attribute = |sign: usize| {
        is_punct(tokens.get(sign), '#')
            && matches!(&tokens[at], TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket)
    };
    let is_call = at.checked_sub(2).is_some_and(|name| is_call(tokens, name))
        || at
            .checked_sub(3)
            .is_some_and(|name| is_ident(tokens.get(name), "macro_rules"));
    match scope {
        Scope::Shallow => None,
        Scope::Deep | Scope::Arguments if is_call => None,
        Scope::Deep | Scope::Everywhere
            if at.checked_sub(1).is_some_and(is_attribute)
                || (at >= 2 && is_punct(tokens.get(at - 1), '!') && is_attribute(at - 2)) =>
        {
            Some(Scope::Attribute)
        }
        scope => Some(scope),
    }
}

/// The place of a group.
struct Place<'a> {
    before: &'a [TokenTree],
    after: &'a [TokenTree],
    scope: Scope,
}

impl Place<'_> {
    /// Whether no neighbour could take a part of it.
    fn is_alone(&self) -> bool {
        let separates = |token: Option<&TokenTree>| {
            token.is_none() || is_punct(token, ',') || is_punct(token, ';')
        };
        self.scope != Scope::Arguments
            && separates(self.before.last())
            && separates(self.after.first())
    }

    /// Whether a generic argument ends here.
    fn is_between_angles(&self) -> bool {
        let opens = |token| is_punct(token, '<') || is_punct(token, ',');
        let closes = |token| is_punct(token, '>') || is_punct(token, ',');
        opens(self.before.last()) && closes(self.after.first())
    }

    /// Whether a field, a method or `?` follows.
    fn is_receiver(&self) -> bool {
        let after = self.after.first();
        is_punct(after, '?') || (is_punct(after, '.') && !is_sign(self.after, 0, ['.', '.']))
    }

    /// Whether `(` or `[` follows.
    fn is_called(&self) -> bool {
        matches!(self.after.first(), Some(TokenTree::Group(group))
            if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::Bracket))
    }
}

/// The kind of a fragment, as far as it decides about parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A literal, an item, a visibility, a `let`, anything in brackets: none, anywhere.
    Whole,
    /// A path: none, except before a `<`, which would begin its arguments.
    Path,
    /// A field or an `.await`, which before `(` would be a method.
    Field,
    /// `-1`, which is also a pattern and a literal.
    Negative,
    /// `..`, which is also the rest of a pattern.
    Rest,
    /// Code that ends with a block: a body, or, at the start of a statement, a statement.
    Block,
    /// An expression that begins with such code.
    BeginsWithBlock,
    /// A type, which may be a generic argument.
    Type,
    /// Any other expression or pattern.
    Loose,
}

struct Fragment {
    contents: TokenStream,
    shape: Shape,
}

impl Fragment {
    fn of(contents: TokenStream) -> Self {
        if is_bracketed(&contents) {
            return Self {
                contents,
                shape: Shape::Whole,
            };
        }
        if let Ok(mut path @ Type::Path(_)) = syn::parse2(contents.clone()) {
            let has_arguments = contents
                .clone()
                .into_iter()
                .any(|token| is_punct(Some(&token), '<'));
            let contents = if has_arguments {
                Turbofish.visit_type_mut(&mut path);
                path.into_token_stream()
            } else {
                contents
            };
            return Self {
                contents,
                shape: Shape::Path,
            };
        }
        let shape = match syn::parse2::<Expr>(contents.clone()) {
            Ok(expr) => shape(&expr),
            Err(_) => match syn::parse2::<Type>(contents.clone()) {
                Ok(Type::Never(_)) => Shape::Whole,
                Ok(_) => Shape::Type,
                Err(_) => match Pat::parse_multi.parse2(contents.clone()) {
                    Ok(_) => Shape::Loose,
                    Err(_) => Shape::Whole,
                },
            },
        };
        Self { contents, shape }
    }

    fn needs_parentheses(&self, place: &Place<'_>) -> bool {
        if place.scope == Scope::Attribute {
            return false;
        }
        match self.shape {
            Shape::Whole | Shape::Block => false,
            Shape::Path => is_punct(place.after.first(), '<'),
            Shape::Field => place.is_called(),
            Shape::Negative | Shape::Rest => place.is_receiver(),

            Shape::BeginsWithBlock => true,
            Shape::Type => !place.is_alone() && !place.is_between_angles(),
            Shape::Loose => !place.is_alone(),
        }
    }
}

fn shape(expr: &Expr) -> Shape {
    match expr {
        Expr::Array(_)
        | Expr::Infer(_)
        | Expr::Let(_)
        | Expr::Lit(_)
        | Expr::Paren(_)
        | Expr::Tuple(_) => Shape::Whole,
        Expr::Path(_) => Shape::Path,
        Expr::Unary(unary)
            if matches!(unary.op, UnOp::Neg(_))
                && matches!(&*unary.expr, Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_) | Lit::Float(_))) =>
        {
            Shape::Negative
        }
        Expr::Range(range)
            if range.start.is_none()
                && range.end.is_none()
                && matches!(range.limits, RangeLimits::HalfOpen(_)) =>
        {
            Shape::Rest
        }
        Expr::Macro(call) => match call.mac.delimiter {
            MacroDelimiter::Brace(_) => Shape::Block,
            _ => Shape::Whole,
        },
        Expr::Block(_)
        | Expr::Const(_)
        | Expr::ForLoop(_)
        | Expr::If(_)
        | Expr::Loop(_)
        | Expr::Match(_)
        | Expr::TryBlock(_)
        | Expr::Unsafe(_)
        | Expr::While(_) => Shape::Block,
        expr => match leftmost(expr) {
            None => Shape::Loose,
            Some(first) => match shape(first) {
                Shape::Block | Shape::BeginsWithBlock => Shape::BeginsWithBlock,
                Shape::Whole | Shape::Path | Shape::Field => match expr {
                    Expr::Await(_) | Expr::Field(_) => Shape::Field,
                    Expr::Call(_) | Expr::Index(_) | Expr::MethodCall(_) | Expr::Try(_) => {
                        Shape::Whole
                    }
                    _ => Shape::Loose,
                },
                _ => Shape::Loose,
            },
        },
    }
}

/// Whether `tokens` are in parentheses or brackets.
fn is_bracketed(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    matches!((tokens.next(), tokens.next()), (Some(TokenTree::Group(group)), None)
        if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::Bracket))
}

/// Returns the operand that `expr` begins with.
fn leftmost(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Assign(assign) => Some(&assign.left),
        Expr::Await(wait) => Some(&wait.base),
        Expr::Binary(binary) => Some(&binary.left),
        Expr::Call(call) => Some(&call.func),
        Expr::Cast(cast) => Some(&cast.expr),
        Expr::Field(field) => Some(&field.base),
        Expr::Index(index) => Some(&index.expr),
        Expr::MethodCall(call) => Some(&call.receiver),
        Expr::Range(range) => range.start.as_deref(),
        Expr::Try(operand) => Some(&operand.expr),
        _ => None,
    }
}

/// Writes `Vec<u8>` as `Vec::<u8>`, which is a path everywhere.
struct Turbofish;

impl VisitMut for Turbofish {
    fn visit_path_arguments_mut(&mut self, arguments: &mut PathArguments) {
        if let PathArguments::AngleBracketed(arguments) = arguments {
            let span = arguments.lt_token.span;
            arguments.colon2_token.get_or_insert(syn::Token![::](span));
        }
        visit_mut::visit_path_arguments_mut(self, arguments);
    }
}
