//! The groups without delimiters that fragments of `macro_rules!` are, where only tokens are seen.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::krate;
use crate::body::mark;
use crate::fragments::{ungroup, ungroup_deep};
use crate::words::Context;

/// `tokens` as a fragment.
fn fragment(tokens: TokenStream) -> TokenStream {
    TokenTree::from(Group::new(Delimiter::None, tokens)).into_token_stream()
}

/// Text without spaces, with `⟦ ⟧` for the groups that are left.
fn text(tokens: &TokenStream) -> String {
    let one = |token: TokenTree| match &token {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::None => ("⟦", "⟧"),
            };
            format!("{open}{}{close}", text(&group.stream()))
        }
        token => token.to_string(),
    };
    tokens.clone().into_iter().map(one).collect()
}

#[test]
fn parentheses_stand_where_they_are_needed_and_allowed() {
    let cases = |tokens: TokenStream, cases: &[(&str, TokenStream)]| {
        for (expected, code) in cases {
            let placed: TokenStream = code
                .clone()
                .into_iter()
                .flat_map(|token| match token {
                    TokenTree::Ident(name) if name == "F" => fragment(tokens.clone()),
                    token => token.into_token_stream(),
                })
                .collect();
            assert_eq!(&text(&ungroup(placed)), expected);
        }
    };
    cases(
        quote!(1 + 2),
        &[
            ("(1+2)*3", quote!(F * 3)),
            ("f(),1+2,2", quote!(f(), F, 2)),
            ("1+2;", quote!(F;)),
            ("x=(1+2)", quote!(x = F)),
        ],
    );
    cases(
        quote!(-1),
        &[
            ("-1*3", quote!(F * 3)),
            ("(-1).abs()", quote!(F.abs())),
            ("-1..=3", quote!(F..=3)),
            ("(-1)?", quote!(F?)),
        ],
    );
    cases(
        quote!(..),
        &[
            ("a,..", quote!(a, F)),
            ("(..).len()", quote!(F.len())),
            ("x=..;", quote!(x = F;)),
        ],
    );
    cases(
        quote!(a.b),
        &[
            ("a.b*3", quote!(F * 3)),
            ("(a.b)(c)", quote!(F(c))),
            ("a.b.c(d)", quote!(F.c(d))),
        ],
    );
    cases(
        quote!(a.await),
        &[("(a.await)(c)", quote!(F(c))), ("a.await?", quote!(F?))],
    );
    cases(
        quote!(a),
        &[
            ("a(c)", quote!(F(c))),
            ("(a)<b", quote!(F < b)),
            ("xas(a)<b", quote!(x as F < b)),
            ("a{b:1}", quote!(F { b: 1 })),
        ],
    );
    cases(
        quote!(Vec<u8>),
        &[
            ("Vec::<u8>", quote!(F)),
            ("&Vec::<u8>", quote!(&F)),
            ("(Vec::<u8>)<b", quote!(F < b)),
        ],
    );
    cases(
        quote!(dyn A + B),
        &[
            ("&(dynA+B)", quote!(&F)),
            ("Box<dynA+B>", quote!(Box<F>)),
            ("P<u8,dynA+B,T>", quote!(P<u8, F, T>)),
        ],
    );
    cases(
        quote!(!),
        &[(
            "fnf()->!{}",
            quote!(
                fn f() -> F {}
            ),
        )],
    );
    cases(
        quote!({ 1 }),
        &[
            ("{1}", quote!(F)),
            ("loop{1}", quote!(loop F)),
            ("x={1}*2", quote!(x = F * 2)),
        ],
    );
    cases(
        quote!({ 1 } + 2),
        &[("({1}+2)", quote!(F)), ("({1}+2);", quote!(F;))],
    );
    cases(
        quote!(mut n),
        &[
            ("|(mutn)|n", quote!(|F| n)),
            ("let(mutn)=1", quote!(let F = 1)),
            ("a,mutn", quote!(a, F)),
        ],
    );
    cases(
        quote!(1 | 2),
        &[("&(1|2)", quote!(&F)), ("x@(1|2)", quote!(x @ F))],
    );
    cases(quote!(let x = 1), &[("letx=1;", quote!(F;))]);
    cases(
        quote!(pub(crate)),
        &[("pub(crate)fnf(){}", quote!(F fn f() {}))],
    );
    cases(quote!(), &[("fnf(){}", quote!(F fn f() {}))]);
    cases(
        quote!(
            fn f() {}
        ),
        &[("fnf(){}a", quote!(F a))],
    );
    cases(quote!('a), &[("&'astr", quote!(&F str))]);
    cases(quote!((1 + 2)), &[("(1+2)*3", quote!(F * 3))]);
    cases(
        fragment(fragment(quote!(1 + 2))),
        &[("(1+2)*3", quote!(F * 3))],
    );
}

#[test]
fn the_arguments_of_macros_are_left_to_whoever_marks_them() {
    let sum = fragment(quote!(1 + 2));
    let code = quote! {
        f(#sum * 2); m!(#sum * 2); return !(#sum); #[a = #sum] x; macro_rules! r { () => { #sum * 2 } }
    };
    assert_eq!(
        text(&ungroup_deep(code)),
        "f((1+2)*2);m!(⟦1+2⟧*2);return!(1+2);#[a=1+2]x;macro_rules!r{()=>{⟦1+2⟧*2}}"
    );
}

#[test]
fn only_what_is_rebuilt_has_its_groups_replaced() {
    let sum = fragment(quote!(1 + 2));
    let marked = |tokens: TokenStream| text(&mark(tokens, &krate(), Context::Park));
    assert_eq!(marked(quote!(#sum * 2)), "⟦1+2⟧*2");
    assert_eq!(
        marked(quote!(take!(#sum); m!(#sum); #sum * 2)),
        "take!(@park⟦1+2⟧;@\"take!(1 + 2)\");m!(⟦1+2⟧);(1+2)*2"
    );
    // In a foreign macro a fragment stays one token tree, where it can.
    assert_eq!(
        marked(quote!(m!(#sum, take!(c)))),
        "m!((1+2),take!(@parkc))"
    );
    let minus = fragment(quote!(-1));
    assert_eq!(marked(quote!(m!(#minus, take!(c)))), "m!(-1,take!(@parkc))");
    // What does not parse is rebuilt token by token.
    assert_eq!(
        marked(quote!(take!(c); x. ; #sum * 2)),
        "take!(@parkc;@\"take!(c)\");x.;(1+2)*2"
    );
    assert_eq!(
        marked(quote!(m!(each take!(c) #sum * 2))),
        "m!(eachtake!(@parkc)(1+2)*2)"
    );
    // A nested opener replaces its own.
    assert_eq!(
        marked(quote!(take!(c); go!({ #sum * 2 }))),
        "take!(@parkc;@\"take!(c)\");go!({⟦1+2⟧*2})"
    );
    assert_eq!(
        marked(quote!(alt! { default => #sum * 2 })),
        "alt!{@parkdefault=>⟦1+2⟧*2}"
    );
}
