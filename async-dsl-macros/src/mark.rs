//! Marking: telling every word where it stands.
//!
//! `take!(c)` becomes `take!(@park c; @"take!(c)")`, with its text, and stays a call of the exported macro, which knows what
//! to do in each place and what to say where it cannot do it. So the user's imports stay used, and rustc's messages point at
//! the words.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, Item, Lit, Token};

use crate::asked::{self, Place};
use crate::awaits;
use crate::blocking;
use crate::body;
use crate::duration::{self, Meaning};
use crate::errors::compile_error;
use crate::expand;
use crate::fragments::ungroup_arguments;
use crate::marked::{self, Arguments};
use crate::options::have_group;
use crate::owner::{modules, modules_before};
use crate::show;
use crate::tokens::{
    Crate, here, is_call, is_ident, is_punct, prepare, regroup, rename_await, split_first,
};
use crate::words::{AWAIT, Context, Operands, Reads, Role, is_of_futures};

/// Walks code, parsed or not, and marks the words in it.
#[derive(Debug)]
pub(crate) struct Marker<'a> {
    context: Context,
    krate: &'a Crate,
    /// Inside the arguments of somebody else's macro, and what that does with them.
    foreign: Option<Reads>,
    /// The macros that the code around has defined.
    local: Vec<(Ident, Reads)>,
    /// Whether any linear code was met.
    parked: bool,
    /// Whether anything was changed. What was not is left as it is: rebuilt tokens lose spans.
    changed: bool,
}

impl<'a> Marker<'a> {
    pub(crate) fn new(context: Context, krate: &'a Crate) -> Self {
        Self {
            context,
            krate,
            foreign: None,
            local: Vec::new(),
            parked: context == Context::Park,
            changed: false,
        }
    }

    pub(crate) fn changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn parked(&self) -> bool {
        self.parked
    }

    fn within(&mut self, context: Context, walk: impl FnOnce(&mut Self)) {
        self.parked |= context == Context::Park;
        let outer = std::mem::replace(&mut self.context, context);
        walk(self);
        self.context = outer;
    }

    /// Marks `tokens` with `walk`, which gives the new ones; `None` if nothing was changed.
    fn if_changed(&mut self, walk: impl FnOnce(&mut Self) -> TokenStream) -> Option<TokenStream> {
        let before = std::mem::replace(&mut self.changed, false);
        let tokens = walk(self);
        let changed = std::mem::replace(&mut self.changed, before);
        self.changed |= changed;
        changed.then_some(tokens)
    }

    /// Marks one expression, or what may become one when it is finished.
    pub(crate) fn expression(&mut self, tokens: TokenStream) -> TokenStream {
        let prepared = prepare(tokens.clone(), self.krate);
        let marked = self.if_changed(|marker| match syn::parse2::<Expr>(prepared.clone()) {
            Ok(mut expr) => {
                marker.visit_expr_mut(&mut expr);
                expr.into_token_stream()
            }
            Err(_) => marker.scan(prepared),
        });
        marked.unwrap_or(tokens)
    }

    /// Marks a macro's arguments: expressions between commas, if they are that, else bare tokens.
    fn arguments(&mut self, tokens: &TokenStream) -> Arguments {
        let tokens = if self.foreign.is_some() {
            ungroup_arguments(rename_await(tokens.clone(), self.krate))
        } else {
            prepare(tokens.clone(), self.krate)
        };
        let parsed = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone());
        let are_expressions = parsed.is_ok();
        let changed = self.if_changed(|marker| match parsed {
            Ok(mut arguments) => {
                let is_marked = |argument: &&mut Expr| {
                    marker.foreign != Some(Reads::Anything) || !matches!(argument, Expr::Lit(_))
                };
                let arguments_of_code: Vec<_> = arguments.iter_mut().filter(is_marked).collect();
                for argument in arguments_of_code {
                    marker.visit_expr_mut(argument);
                }
                arguments.into_token_stream()
            }
            Err(_) => marker.scan(tokens),
        });
        Arguments {
            changed,
            are_expressions,
        }
    }

    /// Marks bare tokens. Closures and items cannot be seen in them: rustc reports words there.
    pub(crate) fn scan(&mut self, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut out = TokenStream::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(name) if is_call(&tokens, at) => {
                    let TokenTree::Group(arguments) = &tokens[at + 2] else {
                        unreachable!("is_call found a group")
                    };
                    let modules = modules_before(&tokens, at);
                    let marked = self.call(&modules, name, &arguments.stream());
                    out.extend([token.clone(), tokens[at + 1].clone()]);
                    out.extend([TokenTree::Group(match marked {
                        Some(marked) => regroup(arguments, marked),
                        None => arguments.clone(),
                    })]);
                    at += 2;
                }
                TokenTree::Group(group) => out.extend([TokenTree::Group(self.scan_group(group))]),
                TokenTree::Literal(literal) => out.extend(self.scan_literal(literal)),
                TokenTree::Ident(_) | TokenTree::Punct(_) => out.extend([token.clone()]),
            }
            at += 1;
        }
        out
    }

    fn scan_group(&mut self, group: &Group) -> Group {
        match self.if_changed(|marker| marker.scan(group.stream())) {
            Some(contents) => regroup(group, contents),
            None => group.clone(),
        }
    }

    fn scan_literal(&mut self, literal: &Literal) -> TokenStream {
        match duration::read(&Lit::new(literal.clone())) {
            Meaning::Duration(call) if self.foreign != Some(Reads::Anything) => {
                self.changed = true;
                call
            }
            _ => literal.to_token_stream(),
        }
    }

    /// The new arguments of a macro call, or `None` to leave them as they are.
    fn call(
        &mut self,
        modules: &[String],
        name: &Ident,
        arguments: &TokenStream,
    ) -> Option<TokenStream> {
        let local = self
            .local
            .iter()
            .rfind(|(local, _)| modules.is_empty() && local == name);
        let local = local.map(|(_, reads)| *reads);
        let role = if local.is_none() && self.krate.owns(modules) {
            Role::of(&name.to_string())
        } else {
            Role::Foreign
        };
        let marked = is_punct(arguments.clone().into_iter().next().as_ref(), '@');
        match role {
            Role::Foreign => {
                let reads = local.unwrap_or_else(|| Reads::of(&name.to_string()));
                if reads == Reads::Text {
                    return None;
                }
                self.inside(Some(reads), |marker| marker.arguments(arguments).changed)
            }
            // It may park.
            Role::Opener(_) if name == "go" && have_group(arguments) => {
                let mut tokens = self.context.marker(name.span());
                let head = self.if_changed(|marker| marker.head(arguments));
                tokens.extend(head.unwrap_or_else(|| arguments.clone()));
                self.changed = true;
                Some(tokens)
            }
            Role::Opener(Operands::None) => self.if_changed(|marker| marker.head(arguments)),
            Role::Opener(operands) => {
                let operands =
                    self.inside(None, |marker| marker.operands(name, operands, arguments));
                operands.changed
            }
            Role::Word(_) if marked => None,
            Role::Word(operands) => {
                let mut tokens = self.context.marker(name.span());
                if name == AWAIT && self.context == Context::Park {
                    tokens.extend(here(name.span()));
                }
                // As a whole: token by token, what is not marked would lose its invisible groups.
                let marked = self.inside(None, |marker| marker.operands(name, operands, arguments));
                let is_foreign = self.foreign.is_some();
                let text = marked::text(name, arguments, &marked, is_foreign);
                tokens.extend([marked.changed.unwrap_or_else(|| arguments.clone())]);
                tokens.extend(text.filter(|_| self.context == Context::Park));
                if operands == Operands::All && self.context == Context::Park {
                    offer(name, &tokens);
                }
                self.changed = true;
                Some(tokens)
            }
        }
    }

    /// Marks what is between the bars of an opener's head: it is evaluated where the opener stands.
    fn head(&mut self, arguments: &TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = arguments.clone().into_iter().collect();
        let is_bar = |at: &usize| is_punct(tokens.get(*at), '|');
        let starts = |at: &usize| *at == 0 || is_punct(tokens.get(at - 1), ',');
        let mut bars = (0..tokens.len()).filter(is_bar);
        if let Some((from, to)) = bars.find(starts).zip(bars.next()) {
            let captures = tokens[from + 1..to].iter().cloned().collect();
            let marked = self.inside(None, |marker| marker.scan(captures));
            tokens.splice(from + 1..to, marked);
        }
        tokens.into_iter().collect()
    }

    /// Walks the arguments of a macro, somebody else's or ours.
    fn inside<T>(&mut self, foreign: Option<Reads>, walk: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.foreign, foreign);
        let walked = walk(self);
        self.foreign = outer;
        walked
    }

    fn operands(&mut self, name: &Ident, operands: Operands, arguments: &TokenStream) -> Arguments {
        match operands {
            Operands::None => Arguments {
                changed: None,
                are_expressions: false,
            },
            Operands::All if is_of_futures(&name.to_string()) && is_each(arguments) => {
                let mut tokens = arguments.clone().into_iter();
                let each = tokens.next();
                let tasks = self.arguments(&tokens.collect());
                tasks.map(|tasks| quote!(#each #tasks))
            }
            Operands::All => self.arguments(arguments),
            Operands::First => {
                let (first, comma, rest) = split_first(arguments.clone());
                let comma = comma.map(|span| quote_spanned!(span=> ,));
                let first = self.arguments(&first);
                first.map(|first| quote!(#first #comma #rest))
            }
        }
    }

    fn literal(&mut self, expr: &mut Expr) {
        let Expr::Lit(literal) = expr else { return };
        let tokens = match duration::read(&literal.lit) {
            Meaning::Duration(call) => call,
            Meaning::Wrong(message) if self.foreign.is_none() => {
                compile_error(literal.lit.span(), &message)
            }
            Meaning::Wrong(_) | Meaning::Other => return,
        };
        self.changed = true;
        *expr = Expr::Verbatim(tokens);
    }

    /// Puts an error beside an expression, which is kept: editors and rustc still see it.
    fn reject(&mut self, expr: &mut Expr, at: Span, message: &str) {
        let error = compile_error(at, message);
        self.changed = true;
        *expr = Expr::Verbatim(quote!({ #error #expr }));
    }
}

/// Offers what a word becomes, given its arguments with the marker.
fn offer(name: &Ident, marked: &TokenStream) {
    let written = name.to_string();
    asked::offer(
        &format!("{}!", written.trim_end_matches('_')),
        || vec![Place::of(name.span())],
        || expand::text(show::word(&written, marked.clone())?),
    );
}

/// Whether the arguments of `await!` or `join!` are `each tasks`, and not a variable that is named so.
fn is_each(arguments: &TokenStream) -> bool {
    let mut tokens = arguments.clone().into_iter();
    is_ident(tokens.next().as_ref(), "each")
        && !matches!(tokens.next(), None | Some(TokenTree::Punct(_)))
}

impl VisitMut for Marker<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(closure) => {
                let context = self.context.closure(closure.asyncness.is_some());
                self.within(context, |marker| {
                    visit_mut::visit_expr_closure_mut(marker, closure);
                });
            }
            Expr::Async(block) => {
                let context = match self.context {
                    Context::Around => body::context(&block.block.stmts),
                    context => context.future(),
                };
                self.within(context, |marker| {
                    visit_mut::visit_expr_async_mut(marker, block);
                });
            }
            Expr::Const(block) => {
                self.within(Context::Item, |marker| {
                    visit_mut::visit_expr_const_mut(marker, block);
                });
            }
            Expr::Repeat(repeat) => {
                self.visit_expr_mut(&mut repeat.expr);
                self.within(Context::Item, |marker| {
                    marker.visit_expr_mut(&mut repeat.len);
                });
            }
            Expr::Lit(_) => self.literal(expr),
            Expr::Await(wait) if self.context == Context::Park && self.foreign.is_none() => {
                let text = awaits::text(wait);
                visit_mut::visit_expr_await_mut(self, wait);
                if let Some(text) = text {
                    awaits::wrap(wait, &text, self.krate);
                    self.changed = true;
                }
            }
            Expr::Verbatim(tokens) => *tokens = self.scan(std::mem::take(tokens)),
            _ => {
                visit_mut::visit_expr_mut(self, expr);
                self.check_call(expr);
            }
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        let outer = self.local.len();
        visit_mut::visit_block_mut(self, block);
        self.local.truncate(outer);
    }

    fn visit_type_array_mut(&mut self, array: &mut syn::TypeArray) {
        self.within(Context::Item, |marker| {
            visit_mut::visit_type_array_mut(marker, array);
        });
    }

    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        let Some(name) = call
            .path
            .segments
            .last()
            .map(|segment| segment.ident.clone())
        else {
            return;
        };
        if let Some(arguments) = self.call(&modules(&call.path), &name, &call.tokens) {
            call.tokens = arguments;
        }
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            // Its code is used where the block says so, and that is in the block.
            Item::Macro(definition) => {
                self.visit_macro_mut(&mut definition.mac);
                if let Some(name) = &definition.ident {
                    self.local
                        .push((name.clone(), Reads::of_definition(&definition.mac.tokens)));
                }
            }
            Item::Fn(function) if self.marks_itself(&function.attrs) => {}
            // Where an attribute has moved the code of the function.
            Item::Fn(function)
                if self.context == Context::Around && function.sig.asyncness.is_some() =>
            {
                self.within(body::context(&function.block.stmts), |marker| {
                    visit_mut::visit_item_fn_mut(marker, function);
                });
            }
            Item::Verbatim(tokens) => {
                self.within(Context::Item, |marker| {
                    *tokens = marker.scan(std::mem::take(tokens));
                });
            }
            _ => self.within(Context::Item, |marker| {
                visit_mut::visit_item_mut(marker, item);
            }),
        }
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        if !self.marks_itself(&function.attrs) {
            visit_mut::visit_impl_item_fn_mut(self, function);
        }
    }

    fn visit_trait_item_fn_mut(&mut self, function: &mut syn::TraitItemFn) {
        if !self.marks_itself(&function.attrs) {
            visit_mut::visit_trait_item_fn_mut(self, function);
        }
    }
}

impl Marker<'_> {
    /// Whether an attribute of ours marks the item by itself.
    fn marks_itself(&self, attributes: &[Attribute]) -> bool {
        attributes.iter().any(|attribute| {
            let path = attribute.path();
            let name = path
                .segments
                .last()
                .map(|segment| segment.ident.to_string());
            matches!(name.as_deref(), Some("linear" | "main" | "test"))
                && self.krate.owns(&modules(path))
        })
    }

    /// Rejects what would block a worker, or wait while a place is reserved.
    fn check_call(&mut self, expr: &mut Expr) {
        if !self.context.is_polled() {
            return;
        }
        if let Some((name, repair)) = blocking::twin(expr) {
            let message = format!("`{name}` blocks the thread that runs this task: {repair}");
            self.reject(expr, name.span(), &message);
        } else if let (Expr::Await(wait), Context::Value) = (&*expr, self.context) {
            let span = wait.await_token.span;
            self.reject(expr, span, IN_VALUE);
        }
    }
}

/// Said of `.await`; the words say it themselves.
const IN_VALUE: &str = "`.await` cannot park in the value of a `put!` arm, because the channel keeps a place for \
                        the value meanwhile: make the value before the `alt!`";
