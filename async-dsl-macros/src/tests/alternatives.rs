//! `alt!`.

use expect_test::expect;
use quote::quote;

use super::{alt, messages, printed};

#[test]
fn every_kind_of_arm() {
    let expansion = alt(quote! {
        biased;
        job = take!(jobs) => run(job),
        sent = put!(results, outcome) => { check(sent) }
        reply = await!(promise) => reply?,
        sleep!(1s) => break,
        default => idle::<A, B>(),
    });
    expect![[r#"
        fn expansion() {
            {
                let __arms = &async_dsl::private::ArmWords(
                    &[
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "take!(jobs)",
                        },
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "put!(results, outcome)",
                        },
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "await!(promise)",
                        },
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "sleep!(1s)",
                        },
                    ],
                );
                match async_dsl::private::alt(
                        async_dsl::private::Arm(
                            jobs.async_dsl_take(async_dsl::private::At::Arm(__arms, 0)),
                            async_dsl::private::Arm(
                                results
                                    .async_dsl_reserve(async_dsl::private::At::Arm(__arms, 1)),
                                async_dsl::private::Arm(
                                    async_dsl::private::AwaitReference(
                                            &promise,
                                            async_dsl::private::At::Arm(__arms, 2),
                                        )
                                        .async_dsl_await(),
                                    async_dsl::private::Arm(
                                        async_dsl::private::sleep_arm(
                                            async_dsl::private::SleepTime::time(
                                                ::core::time::Duration::from_secs(1),
                                            ),
                                            async_dsl::private::At::Arm(__arms, 3),
                                        ),
                                        async_dsl::private::OrDefault,
                                    ),
                                ),
                            ),
                        ),
                    )
                    .biased()
                    .await
                {
                    async_dsl::private::Choice::This(__value) => {
                        let job = __value;
                        run(job)
                    }
                    async_dsl::private::Choice::Other(
                        async_dsl::private::Choice::This(__value),
                    ) => {
                        let sent = __value.put({ outcome });
                        #[allow(unused_braces)] { check(sent) }
                    }
                    async_dsl::private::Choice::Other(
                        async_dsl::private::Choice::Other(
                            async_dsl::private::Choice::This(__value),
                        ),
                    ) => {
                        let reply = __value;
                        reply?
                    }
                    async_dsl::private::Choice::Other(
                        async_dsl::private::Choice::Other(
                            async_dsl::private::Choice::Other(
                                async_dsl::private::Choice::This(_),
                            ),
                        ),
                    ) => break,
                    async_dsl::private::Choice::Other(
                        async_dsl::private::Choice::Other(
                            async_dsl::private::Choice::Other(
                                async_dsl::private::Choice::Other(()),
                            ),
                        ),
                    ) => idle::<A, B>(),
                }
            }
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn conditions_guard_the_operands() {
    let expansion = alt(quote! {
        Job { id, .. } = take!(self.jobs()), if is_open && n >= 1 => id,
        put!(&out, take(n)), if let Some(n) = next => 0,
        _ = sleep!(1s + extra), if n == 1 => 1,
        tick = take!(ticks) => tick
    });
    expect![[r#"
        fn expansion() {
            {
                let __arms = &async_dsl::private::ArmWords(
                    &[
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "take!(self.jobs())",
                        },
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "put!(&out, take(n))",
                        },
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "sleep!(1s + extra)",
                        },
                        async_dsl::private::Word {
                            file: ::core::file!(),
                            line: ::core::line!(),
                            column: ::core::column!(),
                            text: "take!(ticks)",
                        },
                    ],
                );
                {
                    #[allow(unused_mut)]
                    let mut __kept_0_0;
                    let __operation_0 = if is_open && n >= 1 {
                        __kept_0_0 = self.jobs();
                        ::core::option::Option::Some(
                            __kept_0_0.async_dsl_take(async_dsl::private::At::Arm(__arms, 0)),
                        )
                    } else {
                        ::core::option::Option::None
                    };
                    {
                        #[allow(unused_mut)]
                        let mut __kept_1_0;
                        let __operation_1 = if let Some(n) = next {
                            __kept_1_0 = &out;
                            ::core::option::Option::Some(
                                __kept_1_0
                                    .async_dsl_reserve(async_dsl::private::At::Arm(__arms, 1)),
                            )
                        } else {
                            ::core::option::Option::None
                        };
                        {
                            let __operation_2 = if n == 1 {
                                ::core::option::Option::Some(
                                    async_dsl::private::sleep_arm(
                                        async_dsl::private::SleepTime::time(
                                            ::core::time::Duration::from_secs(1) + extra,
                                        ),
                                        async_dsl::private::At::Arm(__arms, 2),
                                    ),
                                )
                            } else {
                                ::core::option::Option::None
                            };
                            match async_dsl::private::one(
                                ticks.async_dsl_take(async_dsl::private::At::Arm(__arms, 3)),
                            ) {
                                __operation_3 => {
                                    match async_dsl::private::alt(
                                            async_dsl::private::Arm(
                                                __operation_0,
                                                async_dsl::private::Arm(
                                                    __operation_1,
                                                    async_dsl::private::Arm(
                                                        __operation_2,
                                                        async_dsl::private::Arm(
                                                            __operation_3,
                                                            async_dsl::private::End,
                                                        ),
                                                    ),
                                                ),
                                            ),
                                        )
                                        .await
                                    {
                                        async_dsl::private::Choice::This(__value) => {
                                            let Job { id, .. } = __value;
                                            id
                                        }
                                        async_dsl::private::Choice::Other(
                                            async_dsl::private::Choice::This(__value),
                                        ) => {
                                            let _ = __value.put({ take(n) });
                                            0
                                        }
                                        async_dsl::private::Choice::Other(
                                            async_dsl::private::Choice::Other(
                                                async_dsl::private::Choice::This(__value),
                                            ),
                                        ) => {
                                            let _ = __value;
                                            1
                                        }
                                        async_dsl::private::Choice::Other(
                                            async_dsl::private::Choice::Other(
                                                async_dsl::private::Choice::Other(
                                                    async_dsl::private::Choice::This(__value),
                                                ),
                                            ),
                                        ) => {
                                            let tick = __value;
                                            tick
                                        }
                                        async_dsl::private::Choice::Other(
                                            async_dsl::private::Choice::Other(
                                                async_dsl::private::Choice::Other(
                                                    async_dsl::private::Choice::Other(__never),
                                                ),
                                            ),
                                        ) => match __never {}
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn words_in_operands_conditions_and_handlers_park() {
    let text = alt(quote! {
        a = take!(take!(chans)), if take!(c) == 1 => { take!(d) }
        b = put!(e, f(async { take!(g) })) => take!(h),
        c = take!(i) => timeout!(1s, { take!(untouched) })
    })
    .to_string();
    for marked in [
        "take ! (@ park chans ; @ \"take!(chans)\")",
        "take ! (@ park c ; @ \"take!(c)\") == 1",
        "take ! (@ park d ; @ \"take!(d)\")",
        "take ! (@ park g ; @ \"take!(g)\")",
        "take ! (@ park h ; @ \"take!(h)\")",
        "timeout ! (@ park",
    ] {
        assert_eq!(text.matches(marked).count(), 1, "{marked} in {text}");
    }
    assert!(text.contains("take ! (untouched)"), "{text}");
}

#[test]
fn commas_may_be_left_out_after_blocks_only() {
    let arms = quote! {
        a = take!(c) => { f(a) }
        b = take!(c) => if b { 1 } else { 2 }
        c = take!(c) => match c { _ => 1 },
        d = take!(c) => f::<A, B>(d)
    };
    assert_eq!(messages(alt(arms)), [""; 0]);
}

#[test]
fn patterns_may_have_any_sign_in_them() {
    let arms = quote! {
        (a, [b, ..], S { x: ref c @ .., .. }) = take!(c) => (),
        &mut d = take!(c) => (),
        crate::New(e) = take!(c) => (),
        default = take!(c) => default,
    };
    assert_eq!(messages(alt(arms)), [""; 0]);
}
