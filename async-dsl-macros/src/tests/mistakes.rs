//! As many errors as mistakes.

use expect_test::expect;
use quote::quote;

use super::{alt, krate, messages};
use crate::attribute::{Kind, expand};
use crate::{go, send};

#[test]
fn every_arm_reports_its_own() {
    let arms = quote! {
        a = receive!(c) => 1,
        b = take!(c) 2,
        c = take!(c, 1s, 0) => 3,
        d = put!(c) => 4,
        e = put!(c, take!(d).await) => 5,
        f = take!(c) if true => 6,
        g = take!(c) => 7
        biased;
        = take!(c) => 8,
        None = take!(c) => 9,
        h = timeout!(1s, {}) => 10,
        i = alt! {} => 11,
        j = await!(x, y) => 12,
        k = await!(each x) => 13,
        l = await!() => 14,
        m = sleep!(1s, 2s) => 15,
        n = x.take() => 16,
        o = take!(c)? => 17,
        p => 18,
        q = take!(c) => ,
        r = take!(c), if => 19,
        s = default => 20,
        default, if x => 21,
        default => 22,
        default
    };
    let messages = messages(alt(arms)).join("\n");
    expect![[r#"
        unknown operation `receive!`: an arm waits for `take!(channel)`, `put!(channel, value)`, `await!(promise or task)` or `sleep!(1s)`; start any other future with `go!({ … })` before the `alt!` and await the task here; or, if dropping it before it is ready loses nothing, write `await!(cancel_safe(future))`
        expected `=>` and a handler after the operation, found `2`
        an arm has no time of its own: write `take!(channel)`, and add an arm `sleep!(100ms) => …`
        expected `put!(channel, value)`, found 1 operand
        expected `,` before the arm's `if`
        expected `,` after the handler, found `biased`: only a block needs none
        `biased;` stands first in `alt!`, before every arm
        expected a pattern before `=`: `value = take!(channel) => …`
        a pattern of `alt!` must always match, so that nothing is lost: bind the whole result and `match` it in the handler
        `timeout!` is no arm of `alt!`: add an arm `sleep!(1s) => …`
        `alt!` is no arm of `alt!`: give its arms to this one
        an arm waits for one thing: give each its own `await!` arm
        an arm waits for one thing: use `alts(…)` for a list
        expected `await!(promise)`, found 0 operands
        expected `sleep!(1s)`, found 2 operands
        unknown operation: an arm waits for `take!(channel)`, `put!(channel, value)`, `await!(promise or task)` or `sleep!(1s)`; start any other future with `go!({ … })` before the `alt!` and await the task here; or, if dropping it before it is ready loses nothing, write `await!(cancel_safe(future))`
        an operation stands alone in `alt!`: do this to its result, in the handler
        unknown operation: an arm waits for `take!(channel)`, `put!(channel, value)`, `await!(promise or task)` or `sleep!(1s)`; start any other future with `go!({ … })` before the `alt!` and await the task here; or, if dropping it before it is ready loses nothing, write `await!(cancel_safe(future))`
        expected a handler after `=>`: an expression or a block
        expected a condition after `if`
        `default` binds nothing: write `default => …`
        `default` has no condition: it is there when no arm is ready
        `alt!` has two `default`s: remove one
        expected `=>` and a handler after `default`, found the end
        `alt!` has two `default`s: remove one
        `.await` cannot park in the value of a `put!` arm, because the channel keeps a place for the value meanwhile: make the value before the `alt!`"#]].assert_eq(&messages);
}

#[test]
fn an_alt_needs_an_arm_that_can_be_ready() {
    for (arms, expected) in [
        (quote!(), "`alt!` without an arm"),
        (quote!(biased;), "`alt!` without an arm"),
        (
            quote!(a = take!(c), if x => 1, b = take!(d), if y => 2),
            "every arm of this `alt!` has a condition",
        ),
    ] {
        let messages = messages(alt(arms));
        assert!(
            messages.len() == 1 && messages[0].starts_with(expected),
            "{messages:?}"
        );
    }
    for arms in [
        quote!(default => 1),
        quote!(a = take!(c), if x => 1, default => 2),
        quote!(a = take!(c), if x => 1, b = take!(d) => 2),
    ] {
        assert_eq!(messages(alt(arms)), [""; 0]);
    }
}

#[test]
fn an_alt_has_at_most_64_arms() {
    let arms = |count| (0..count).map(|_| quote!(take!(c) => 1,)).collect();
    assert_eq!(messages(alt(arms(64))), [""; 0]);
    assert_eq!(
        messages(alt(arms(66))),
        ["`alt!` has at most 64 arms: wait for a list of operations with `alts(…)`"]
    );
}

#[test]
fn handlers_that_do_not_parse_are_left_to_rustc() {
    let expansion =
        alt(quote! { a = take!(c) => f(a. ), b = take!(c) => { b. } c = take!(x.) => 1 + , });
    assert_eq!(messages(expansion.clone()), [""; 0]);
    assert_eq!(
        messages(alt(quote!(a = take!(c) => +, b = take!(c) c))).len(),
        1
    );
    assert!(expansion.to_string().contains("{ b . }"), "{expansion}");
}

#[test]
fn every_capture_reports_its_own() {
    let expansion = go::go(
        quote!(move |a, b.c, mut d, &e, d, self, f = , g = h i| { c.take_blocking(); 1week }),
        &krate(),
    );
    expect![[r#"
        `go!` takes the block itself: write `go!({ … })` without `move`
        what `go!` clones needs a name in the block: write `c = b.c`
        the captures of `go!` are names, of which it clones the variables: write `name`, `mut name`, or `name = self.name`, which may be any expression
        `d` is captured twice
        what `go!` clones needs a name in the block: write `this = self`
        expected what `go!` clones, as in `f = self.f`
        expected what `go!` clones, as in `g = self.g`
        `take_blocking` blocks the thread that runs this task: use `take!(channel)`
        unknown suffix `week`: a duration is written with `ns`, `us`, `ms`, `s`, `min` or `h`, for example `100ms`"#]].assert_eq(&messages(expansion).join("\n"));
}

#[test]
fn heads_without_an_end() {
    for head in [
        quote!(|a, b { a }),
        quote!(|a| -> T),
        quote!(|a| ->),
        quote!(|),
        quote!(async {}),
    ] {
        assert_eq!(messages(go::go(head.clone(), &krate())).len(), 1, "{head}");
    }
}

#[test]
fn an_action_that_is_none() {
    for action in [
        quote!(),
        quote!(a),
        quote!(a,),
        quote!(, |n| n),
        quote!(a, f),
        quote!(a, move |n| { n }),
        quote!(a, { 1 }),
        quote!(a, || 1),
        quote!(a, |n),
        quote!(a, |n, m| n),
        quote!(a, |n| -> u8 n),
    ] {
        assert_eq!(
            messages(send::send(action.clone(), &krate())).len(),
            1,
            "{action}"
        );
    }
}

#[test]
fn functions_that_cannot_be_run() {
    let item = quote! { #[test] fn f<T>(x: u8) {} };
    let expansion = expand(Kind::Test, quote!(workers = 3, crate = 5, crate), item);
    expect![[r#"
        unknown option `workers`: `#[async_dsl::test]` knows `seeds = 1000`, `seed = 17`, `strategy = pct`, `exhaustive`, `most = 100_000`, `unawaited_panics = allow`, `threads = 2` and `crate = path::of::async_dsl`
        `crate` is the path of async-dsl, for example `crate = dsl`
        the option `crate` needs a value: `crate = …`
        `#[async_dsl::test]` needs an `async fn`: write `async fn f`
        `#[async_dsl::test]` calls the function, so that it can have no arguments
        `#[async_dsl::test]` calls the function, so that it cannot be generic
        `#[async_dsl::test]` makes it a test already: remove `#[test]`"#]]
    .assert_eq(&messages(expansion).join("\n"));
    let expansion = expand(
        Kind::Main,
        quote!(workers = 0, workers = ., x),
        quote!(
            async fn main();
        ),
    );
    expect![[r#"
        a scheduler needs a worker: `workers` is at least 1
        `workers` is a number of threads, for example `workers = 4`
        unknown option `x`: `#[async_dsl::main]` knows `workers = 4`, `graceful = 10s`, `tokio` and `crate = path::of::async_dsl`
        `#[async_dsl::main]` needs a function with a body"#]].assert_eq(&messages(expansion).join("\n"));
    assert_eq!(
        messages(expand(
            Kind::Linear,
            quote!(),
            quote!(
                struct S;
            )
        ))
        .len(),
        1
    );
    // rustc reports a function that does not parse.
    let broken = quote!(async fn f(x) { take!(c) });
    assert_eq!(
        expand(Kind::Linear, quote!(), broken.clone()).to_string(),
        broken.to_string()
    );
}
