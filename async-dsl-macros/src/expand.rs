//! `expand!`: the expansion of an opener or an `alt!` as text, for programs, tests and pages that show it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Macro, MacroDelimiter, Stmt, Token};

use crate::errors::compile_error;
use crate::fragments::{ungroup, ungroup_everywhere};
use crate::owner::modules;
use crate::tokens::{Crate, is_punct, rename_await, start};
use crate::words::Role;
use crate::{alt, go, scope, send, show, thread, timeout};

/// Gives a string literal, or the errors of the macro that was to be shown.
pub(crate) fn expand(tokens: &TokenStream) -> TokenStream {
    let krate = shown_crate();
    let at = start(tokens, Span::mixed_site());
    let call = syn::parse2::<Macro>(rename_await(tokens.clone(), &krate)).ok();
    let expansion = call.as_ref().and_then(|call| opened(call, true));
    let Some(expansion) = expansion else {
        return compile_error(
            at,
            "`expand!` shows an opener or an `alt!`: `expand!(go!({ … }))`",
        );
    };
    if let Some(text) = text(expansion) {
        quote!(#text)
    } else {
        // It has mistakes; its own expansion reports them.
        quote_spanned!(Span::mixed_site()=> { let _ = #tokens; "" })
    }
}

/// The real expansion of an opener, `timeout!` or `alt!`. The last two need no marker if `is_bare`.
fn opened(call: &Macro, is_bare: bool) -> Option<TokenStream> {
    let krate = shown_crate();
    let name = &call.path.segments.last()?.ident;
    if !krate.owns(&modules(&call.path)) {
        return None;
    }
    let tokens = ungroup(call.tokens.clone());
    let is_marked = is_punct(tokens.clone().into_iter().next().as_ref(), '@');
    let parked = tokens
        .clone()
        .into_iter()
        .skip(if is_marked { 2 } else { 0 });
    Some(match name.to_string().as_str() {
        "go" => go::go(tokens, &krate),
        "async_block" => go::async_block(tokens, &krate),
        "send" => send::send(tokens, &krate),
        "update" => send::update(tokens, &krate),
        "thread" => thread::thread(tokens, &krate),
        "alt" if is_marked || is_bare => alt::alt(name.span(), parked.collect(), &krate),
        "scope" if is_marked || is_bare => scope::scope(name.span(), parked.collect(), &krate),
        "timeout" if is_marked || is_bare => {
            timeout::timeout(name.span(), parked.collect(), &krate)
        }
        _ => return None,
    })
}

/// The path of `async_dsl` in what is shown.
pub(crate) fn shown_crate() -> Crate {
    Crate::new(quote!(async_dsl))
}

/// Prints what an attribute makes of a function, unless it has mistakes in it.
pub(crate) fn text_of_item(expansion: TokenStream) -> Option<String> {
    let mut file = syn::parse2(ungroup_everywhere(expansion)).ok()?;
    let mut shower = Shower { is_whole: true };
    shower.visit_file_mut(&mut file);
    shower
        .is_whole
        .then(|| without_functions(&prettyplease::unparse(&file)))
}

/// Prints an expansion, unless it has mistakes in it.
pub(crate) fn text(expansion: TokenStream) -> Option<String> {
    let mut expr = syn::parse2::<Expr>(ungroup_everywhere(expansion)).ok()?;
    let mut shower = Shower { is_whole: true };
    shower.visit_expr_mut(&mut expr);
    if !shower.is_whole {
        return None;
    }
    let statements = match expr {
        Expr::Block(block) if block.attrs.is_empty() && block.label.is_none() => block.block.stmts,
        expr => vec![Stmt::Expr(expr, None)],
    };
    let file = syn::parse2(quote!(fn expansion() { #(#statements)* })).ok()?;
    let printed = without_functions(&prettyplease::unparse(&file));
    let lines: Vec<&str> = printed.lines().collect();
    let lines = lines.get(1..lines.len().saturating_sub(1))?;
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    Some(lines.join("\n"))
}

/// Undoes [`as_function`] in what was printed.
fn without_functions(printed: &str) -> String {
    let mut pieces = printed.split(CALLED);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find('(').unwrap_or(piece.len());
        text.extend([&piece[..end], "!", &piece[end..]]);
    }
    text
}

/// Puts every word's final form in the place of its call.
struct Shower {
    /// No mistake was met, and nothing that cannot be printed.
    is_whole: bool,
}

impl Shower {
    /// What a macro call is shown as; `None` to leave it as it is.
    fn shown(&mut self, call: &Macro) -> Option<Expr> {
        let name = call.path.segments.last()?.ident.to_string();
        if name == "compile_error" {
            self.is_whole = false;
        }
        let is_ours = Crate::new(quote!(async_dsl)).owns(&modules(&call.path));
        let role = if is_ours {
            Role::of(&name)
        } else {
            Role::Foreign
        };
        let tokens = match role {
            Role::Foreign => return as_function(call),
            Role::Opener(_) => opened(call, false)?,
            Role::Word(_) => match opened(call, false) {
                Some(expansion) => expansion,
                None => show::word(&name, call.tokens.clone())?,
            },
        };
        syn::parse2(tokens).ok()
    }
}

impl VisitMut for Shower {
    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        if let Stmt::Macro(call) = statement {
            if let Some(shown) = self.shown(&call.mac) {
                *statement = Stmt::Expr(shown, call.semi_token);
            }
        }
        visit_mut::visit_stmt_mut(self, statement);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(call) = expr {
            if let Some(shown) = self.shown(&call.mac) {
                *expr = shown;
            }
        }
        self.is_whole &= !matches!(expr, Expr::Verbatim(_));
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_item_mut(&mut self, item: &mut syn::Item) {
        self.is_whole &= !matches!(item, syn::Item::Verbatim(_));
        visit_mut::visit_item_mut(self, item);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(call.tokens.clone());
        if let Ok(mut arguments) = arguments {
            let visit = |argument| self.visit_expr_mut(argument);
            arguments.iter_mut().for_each(visit);
            call.tokens = quote!(#arguments);
        }
    }
}

/// What the printer is given for `name!(…)`: a function, because it formats no macro's arguments.
const CALLED: &str = "async_dsl_macro_";

/// A macro call as a function call, if its arguments are expressions in parentheses.
fn as_function(call: &Macro) -> Option<Expr> {
    let arguments = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(call.tokens.clone());
    let (MacroDelimiter::Paren(_), Ok(arguments)) = (&call.delimiter, arguments) else {
        return None;
    };
    let mut path = call.path.clone();
    let name = &mut path.segments.last_mut()?.ident;
    *name = format_ident!("{CALLED}{name}");
    syn::parse2(quote!(#path(#arguments))).ok()
}
