//! The places that words are marked with.

use proc_macro2::TokenStream;
use quote::quote;

use super::{count, krate};
use crate::body::mark;
use crate::words::Context;

/// As text without spaces: `||` may be one sign or two.
fn assert_marked(tokens: TokenStream, expected: &TokenStream) {
    let marked = mark(tokens, &krate(), Context::Park);
    let text = |tokens: &TokenStream| tokens.to_string().replace(' ', "");
    assert_eq!(text(&marked), text(expected));
}

#[test]
fn words_park_in_every_position() {
    assert_marked(
        quote! { let x = take!(a) + f(&[async_dsl::take!(b)], || 1); if put!(c, take!(d))? { sleep!(t) } },
        &quote! {
            let x = take!(@park a; @"take!(a)") + f(&[async_dsl::take!(@park b; @"take!(b)")], || 1);
            if put!(@park c, take!(@park d; @"take!(d)"); @"put!(c, take!(d))")? { sleep!(@park t; @"sleep!(t)") }
        },
    );
}

#[test]
fn closures_items_and_futures_have_their_own_marks() {
    assert_marked(
        quote! {
            let a = || take!(c);
            let b = async || take!(c);
            let d = || async { take!(c) };
            fn e() { async { take!(c) }; || take!(c); }
            const F: u8 = { take!(c); 1 };
            const { take!(c) };
            [0; take!(c)];
            struct S;
            impl S { fn g() { take!(c) } #[linear] async fn h() { take!(c) } }
            #[async_dsl::linear] async fn i() { take!(c) }
        },
        &quote! {
            let a = || take!(@closure c);
            let b = async || take!(@park c; @"take!(c)");
            let d = || async { take!(@park c; @"take!(c)") };
            fn e() { async { take!(@item c) }; || take!(@item c); }
            const F: u8 = { take!(@item c); 1 };
            const { take!(@item c) };
            [0; take!(@item c)];
            struct S;
            impl S { fn g() { take!(@item c) } #[linear] async fn h() { take!(c) } }
            #[async_dsl::linear] async fn i() { take!(c) }
        },
    );
}

#[test]
fn nested_openers_mark_their_own_code() {
    assert_marked(
        quote! {
            go!({ take!(c) });
            send!(take!(agents), |n| { take!(c) });
            timeout!(take!(t), { take!(c) });
            alt! { n = take!(c) => n };
        },
        &quote! {
            go!({ take!(c) });
            send!(take!(@park agents; @"take!(agents)"), |n| { take!(c) });
            timeout!(@park take!(@park t; @"take!(t)"), { take!(c) });
            alt! { @park n = take!(c) => n };
        },
    );
}

#[test]
fn words_in_other_macros_are_found() {
    assert_marked(
        quote! {
            println!("{}", take!(c));
            vec![take!(c); 2];
            matches!(take!(c), Some(x) if x > 1);
            list.map_or(1, |x| assert_eq!(x, take!(c)));
            assert!(f(|| take!(c)));
            macro_rules! next { ($c:expr) => { take!($c) } }
        },
        &quote! {
            println!("{}", take!(@park c));
            vec![take!(@park c); 2];
            matches!(take!(@park c), Some(x) if x > 1);
            list.map_or(1, |x| assert_eq!(x, take!(@closure c)));
            assert!(f(|| take!(@closure c)));
            macro_rules! next { ($c:expr) => { take!(@park $c) } }
        },
    );
}

#[test]
fn marking_twice_changes_nothing() {
    let tokens =
        quote! { take!(c); alt! { n = take!(c) => n }; println!("{}", || sleep!(1s)); (a).await; };
    let once = mark(tokens, &krate(), Context::Park);
    assert_marked(once.clone(), &once);
}

/// What `operand.await` becomes, shown as `text`.
fn awaited(text: &str, operand: &TokenStream) -> TokenStream {
    quote! {
        (async_dsl::__private::awaiting(
            #operand, async_dsl::__private::spot!([::core::line!(), ::core::column!()] #text)
        )).start().await
    }
}

#[test]
fn an_await_knows_its_place() {
    let plain = awaited("task.await", &quote!(task));
    let chained = awaited("(&f(1)?).await", &quote!(&f(1)?));
    let inner = awaited("c.await", &quote!(c));
    let outer = awaited(
        "run(c.await, take!(d)).await",
        &quote!(run(#inner, take!(@park d; @"take!(d)"))),
    );
    let block = awaited("async { c.await }.await", &quote!(async { #inner }));
    assert_marked(
        quote! { task.await; (&f(1)?).await.g(); run(c.await, take!(d)).await; async { c.await }.await; },
        &quote! { #plain; #chained.g(); #outer; #block; },
    );
}

#[test]
fn an_await_that_parks_nothing_of_ours_stays_as_it_is() {
    let tokens = quote! {
        println!("{}", a.await);
        assert!(f(async { b.await }));
        let c = || d.await;
        async fn e() { f.await }
        { g }.await
    };
    assert_marked(tokens.clone(), &tokens);
}

#[test]
fn await_is_a_word_under_another_name() {
    let here = quote!([::core::line!(), ::core::column!()]);
    let plain = awaited("g.await", &quote!(g));
    assert_marked(
        quote! { await!(a); await!(each f(await!(b))); await!(each); g.await },
        &quote! {
            async_dsl::await_!(@park #here a; @"await!(a)");
            async_dsl::await_!(@park #here each f(async_dsl::await_!(@park #here b; @"await!(b)")); @"await!(each f(await!(b)))");
            async_dsl::await_!(@park #here each; @"await!(each)");
            #plain
        },
    );
}

#[test]
fn a_join_is_marked_as_a_word_of_several_futures() {
    assert_marked(
        quote! { join!(a, f(take!(b))); join!(each f(take!(b))); dsl::join!(each); other::join!(a) },
        &quote! {
            join!(@park a, f(take!(@park b; @"take!(b)")); @"join!(a, f(take!(b)))");
            join!(@park each f(take!(@park b; @"take!(b)")); @"join!(each f(take!(b)))");
            dsl::join!(each);
            other::join!(a)
        },
    );
}

#[test]
fn the_head_of_an_opener_is_code_of_where_it_stands() {
    assert_marked(
        quote! {
            go!(|a, b = take!(c).d, mut e = 1s| { take!(a) });
            go!(group = g, |b = take!(c)| { b });
            go!(a | take!(b) | c);
            let f = || async_block!(|b = take!(c)| take!(b));
        },
        &quote! {
            go!(|a, b = take!(@park c; @"take!(c)").d, mut e = ::core::time::Duration::from_secs(1)| { take!(a) });
            go!(@park group = g, |b = take!(@park c; @"take!(c)")| { b });
            go!(a | take!(b) | c);
            let f = || async_block!(|b = take!(@closure c)| take!(b));
        },
    );
}

#[test]
fn durations_are_durations_everywhere() {
    assert_marked(
        quote! { sleep!(1s); f(250us, 1u8, 2.5); css!(margin 10px 5ms); println!("{:?} {}", 1h, 3px) },
        &quote! {
            sleep!(@park ::core::time::Duration::from_secs(1); @"sleep!(1s)");
            f(::core::time::Duration::from_micros(250), 1u8, 2.5);
            css!(margin 10px 5ms);
            println!("{:?} {}", ::core::time::Duration::from_secs(3600), 3px)
        },
    );
}

#[test]
fn a_text_is_made_before_anything_is_rewritten() {
    let inner = awaited("c.await", &quote!(c));
    assert_marked(
        quote! {
            take!(f(c.await, 20ms, take!("@park",)),);
            println!("{} {}", take!(c), take!(c, 20ms, 1));
            macro_rules! next { ($c:expr) => { take!($c); take!($c, 20ms, 1); take!(f(take!($c))) } }
        },
        &quote! {
            take!(
                @park f(#inner, ::core::time::Duration::from_millis(20), take!(@park "@park",; @"take!(\"@park\")")),;
                @"take!(f(c.await, 20ms, take!(\"@park\")))"
            );
            println!(
                "{} {}",
                take!(@park c),
                take!(@park c, ::core::time::Duration::from_millis(20), 1; @"take!(c, 20ms, 1)")
            );
            macro_rules! next {
                ($c:expr) => {
                    take!(@park $c);
                    take!(@park $c, ::core::time::Duration::from_millis(20), 1; @(take!($c, 20ms, 1)));
                    take!(@park f(take!(@park $c)); @(take!(f(take!($c)))))
                }
            }
        },
    );
}

#[test]
fn a_literal_stays_where_a_macro_may_take_it_as_it_is() {
    assert_marked(
        quote! {
            m!(20ms); m!(1, 20ms); m!((20ms)); m!(20ms * 2, f(20ms), [20ms]); m!(every 20ms, (20ms)); m!(each take!(c, 20ms, 1));
            vec![20ms; 3]; matches!(t, x if x > 20ms); prop_assert_eq!(t, 20ms);
            stringify!(20ms * 2, take!(c)); concat!("a", 20ms);
            macro_rules! lit { ($t:literal) => { sleep!($t) } }
            macro_rules! ex { ($t:expr) => { sleep!($t) } }
            lit!(20ms); ex!(20ms); other::ex!(20ms);
        },
        &quote! {
            m!(20ms); m!(1, 20ms); m!((::core::time::Duration::from_millis(20)));
            m!(
                ::core::time::Duration::from_millis(20) * 2,
                f(::core::time::Duration::from_millis(20)),
                [::core::time::Duration::from_millis(20)]
            );
            m!(every 20ms, (20ms));
            m!(each take!(@park c, ::core::time::Duration::from_millis(20), 1; @"take!(c, 20ms, 1)"));
            vec![::core::time::Duration::from_millis(20); 3];
            matches!(t, x if x > ::core::time::Duration::from_millis(20));
            prop_assert_eq!(t, ::core::time::Duration::from_millis(20));
            stringify!(20ms * 2, take!(c)); concat!("a", 20ms);
            macro_rules! lit { ($t:literal) => { sleep!(@park $t) } }
            macro_rules! ex { ($t:expr) => { sleep!(@park $t) } }
            lit!(20ms); ex!(::core::time::Duration::from_millis(20)); other::ex!(20ms);
        },
    );
}

#[test]
fn a_macro_of_somebody_else_is_left_alone() {
    assert_marked(
        quote! {
            nom::take!(3); ::nom::bytes::take!(take!(c)); crate::sleep!(1); other::go!({ take!(c) }); other::timeout!(t, x);
            println!("{} {}", nom::take!(3), async_dsl::take!(c)); m!(each nom::take!(3) async_dsl::take!(c));
            { macro_rules! take { () => { 1 } } take!(); f(|| take!()); async_dsl::take!(c); }
            take!(c);
            #[other::linear] async fn f() { take!(c) }
        },
        &quote! {
            nom::take!(3); ::nom::bytes::take!(take!(@park c)); crate::sleep!(1); other::go!({ take!(@park c) }); other::timeout!(t, x);
            println!("{} {}", nom::take!(3), async_dsl::take!(@park c)); m!(each nom::take!(3) async_dsl::take!(@park c));
            { macro_rules! take { () => { 1 } } take!(); f(|| take!()); async_dsl::take!(@park c; @"take!(c)"); }
            take!(@park c; @"take!(c)");
            #[other::linear] async fn f() { take!(@item c) }
        },
    );
}

#[test]
fn a_block_that_does_not_parse_keeps_every_token_once() {
    let broken = quote! {
        let aa = take!(bb);
        let cc = dd. ;
        ee(|ff| gg!(hh, 1s), await!(ii) jj);
        go!({ take!(kk) });
    };
    let expansion = crate::go::go(quote!({ #broken }), &krate());
    for name in [
        "aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj", "kk", "let", "go", "take",
    ] {
        assert_eq!(
            count(name, &expansion),
            count(name, &broken),
            "{name} in {expansion}"
        );
    }
    let text = expansion.to_string();
    assert!(
        text.contains("take ! (@ park bb ; @ \"take!(bb)\")") && text.contains("take ! (kk)"),
        "{text}"
    );
    assert!(
        !text.contains("compile_error"),
        "rustc reports the mistake: {text}"
    );
}

#[test]
fn what_does_not_change_is_not_rebuilt() {
    let tokens = quote! { println!("{}", x); f(|| 1) };
    assert_marked(tokens.clone(), &tokens);
}
