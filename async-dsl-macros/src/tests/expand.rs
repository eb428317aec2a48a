//! `expand!`.

use expect_test::expect;
use proc_macro2::TokenStream;
use quote::quote;

use super::messages;
use crate::expand::expand;

fn text(tokens: &TokenStream) -> String {
    syn::parse2::<syn::LitStr>(expand(tokens))
        .expect("a literal")
        .value()
}

#[test]
fn words_are_shown_as_what_they_become() {
    let shown = text(&quote! {
        go!(|jobs, out| {
            while let Some(job) = take!(jobs, 100ms, last) {
                put!(out, run(job)).ok();
                println!("{job:?} {}", take!(&out.x));
                timeout!(1s, { await!(each tasks) })?;
            }
            let (a, b) = await!(a, b);
            yield_now!();
        })
    });
    expect![[r#"
        let jobs = jobs.clone();
        let out = out.clone();
        async_dsl::__private::spawn(async move {
            #[allow(unused_imports)]
            use async_dsl::__private::{Puts as _, Takes as _, TakesStream as _};
            let _ = (&jobs, &out);
            while let Some(job) = match jobs
                .async_dsl_take_for(
                    async_dsl::__private::TakeTime::time(
                        ::core::time::Duration::from_millis(100),
                    ),
                    async_dsl::__word!("take!(jobs, 100ms, last)"),
                )
                .await
            {
                ::core::result::Result::Ok(__got) => __got,
                ::core::result::Result::Err(__late) => __late.or({ last }),
            } {
                (out
                    .async_dsl_put(
                        { run(job) },
                        async_dsl::__word!("put!(out, run(job))"),
                    ))
                    .await
                    .ok();
                println!(
                    "{job:?} {}",
                    (&out.x)
                        .async_dsl_take(async_dsl::__word!("take!(&out.x)"))
                        .await,
                );
                async_dsl::__private::timeout(
                        async_dsl::__private::TimeoutTime::time(
                            ::core::time::Duration::from_secs(1),
                        ),
                        async {
                            async_dsl::__private::awaiting(
                                    async_dsl::__private::AwaitsEach::operand(tasks),
                                    async_dsl::__private::spot!(
                                        [::core::line!(), ::core::column!()] "await!(each tasks)"
                                    ),
                                )
                                .each()
                                .await
                        },
                    )
                    .await?;
            }
            let (a, b) = async_dsl::__private::awaiting(
                    (
                        async_dsl::__private::AwaitsOne::operand(a),
                        async_dsl::__private::AwaitsOne::operand(b),
                    ),
                    async_dsl::__private::spot!(
                        [::core::line!(), ::core::column!()] "await!(a, b)"
                    ),
                )
                .all()
                .await;
            async_dsl::__private::yield_now().await;
        })"#]]
    .assert_eq(&shown);
}

#[test]
fn an_alt_is_shown_as_it_is() {
    let shown = text(&quote!(
        alt! { n = take!(c) => n, sent = put!(d, 1) => sleep!(1s) }
    ));
    expect![[r#"
        let __arms = &async_dsl::__private::ArmWords(
            &[
                async_dsl::__private::Word {
                    file: ::core::file!(),
                    line: ::core::line!(),
                    column: ::core::column!(),
                    text: "take!(c)",
                },
                async_dsl::__private::Word {
                    file: ::core::file!(),
                    line: ::core::line!(),
                    column: ::core::column!(),
                    text: "put!(d, 1)",
                },
            ],
        );
        match async_dsl::__private::alt(
                async_dsl::__private::Arm(
                    c.async_dsl_take(async_dsl::__private::at::arm(__arms, 0)),
                    async_dsl::__private::Arm(
                        d.async_dsl_reserve(async_dsl::__private::at::arm(__arms, 1)),
                        async_dsl::__private::End,
                    ),
                ),
            )
            .await
        {
            async_dsl::__private::Choice::This(__value) => {
                let n = __value;
                n
            }
            async_dsl::__private::Choice::Other(
                async_dsl::__private::Choice::This(__value),
            ) => {
                let sent = __value.put({ 1 });
                async_dsl::__private::sleep(
                        async_dsl::__private::SleepTime::time(
                            ::core::time::Duration::from_secs(1),
                        ),
                        async_dsl::__word!("sleep!(1s)"),
                    )
                    .await
            }
            async_dsl::__private::Choice::Other(
                async_dsl::__private::Choice::Other(__never),
            ) => match __never {}
        }"#]]
    .assert_eq(&shown);
}

#[test]
fn nothing_else_can_be_shown() {
    let messages = messages(expand(&quote!(take!(c))));
    assert_eq!(
        messages,
        ["`expand!` shows an opener or an `alt!`: `expand!(go!({ … }))`"]
    );
    assert_eq!(super::messages(expand(&quote!(1 + 1))).len(), 1);
    assert_eq!(super::messages(expand(&quote!())).len(), 1);
}

#[test]
fn mistakes_are_left_to_the_opener() {
    let expansion = expand(&quote!(go!({ c.take_blocking() }))).to_string();
    assert_eq!(
        expansion,
        r#"{ let _ = go ! ({ c . take_blocking () }) ; "" }"#
    );
}
