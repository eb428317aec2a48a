//! Attributes of the arms of `alt!`.

use expect_test::expect;
use quote::quote;

use super::{alt, messages, printed};

#[test]
fn attributes_are_written_where_rustc_takes_them() {
    let expansion = alt(quote! {
        #[cfg(unix)]
        #[expect(deprecated)]
        signal = take!(signals) => 1,
        #[cfg_attr(windows, cfg(service), allow(unused))]
        _ = take!(c.d()), if is_open => 2,
        #[cfg(a)]
        default => 3,
    });
    let text = printed(&expansion);
    expect![[r#"
        fn expansion() {
            {
                #[cfg(any(unix, a))]
                {
                    let __arms = &async_dsl::__private::ArmWords(
                        &[
                            #[cfg(unix)]
                            async_dsl::__private::Word {
                                file: ::core::file!(),
                                line: ::core::line!(),
                                column: ::core::column!(),
                                text: "take!(signals)",
                            },
                            #[cfg(any(not(all(windows)), service))]
                            async_dsl::__private::Word {
                                file: ::core::file!(),
                                line: ::core::line!(),
                                column: ::core::column!(),
                                text: "take!(c.d())",
                            },
                        ],
                    );
                    match async_dsl::__private::one(
                        #[cfg(unix)]
                        #[allow(deprecated)]
                        signals.async_dsl_take(async_dsl::__private::at::arm(__arms, 0)),
                        #[cfg(not(unix))]
                        async_dsl::__private::Absent,
                    ) {
                        __operation_0 => {
                            #[cfg(any(not(all(windows)), service))]
                            #[allow(unused_mut)]
                            let mut __kept_1_0;
                            #[cfg(any(not(all(windows)), service))]
                            #[cfg_attr(all(windows), allow(unused))]
                            let __operation_1 = if is_open {
                                __kept_1_0 = c.d();
                                ::core::option::Option::Some(
                                    __kept_1_0
                                        .async_dsl_take(
                                            async_dsl::__private::at::arm(
                                                __arms,
                                                0 + ::core::primitive::u16::from(::core::cfg!(unix)),
                                            ),
                                        ),
                                )
                            } else {
                                ::core::option::Option::None
                            };
                            #[cfg(not(any(not(all(windows)), service)))]
                            let __operation_1 = async_dsl::__private::Absent;
                            match async_dsl::__private::alt(
                                    async_dsl::__private::Arm(
                                        __operation_0,
                                        async_dsl::__private::Arm(
                                            __operation_1,
                                            #[cfg(a)]
                                            async_dsl::__private::OrDefault,
                                            #[cfg(not(a))]
                                            async_dsl::__private::End,
                                        ),
                                    ),
                                )
                                .await
                            {
                                #[cfg(unix)]
                                #[expect(deprecated)]
                                async_dsl::__private::Choice::This(__value) => {
                                    #[allow(unreachable_code)]
                                    if false {
                                        ::core::unreachable!();
                                        {
                                            let _ = &signals;
                                        }
                                    }
                                    let signal = __value;
                                    1
                                }
                                #[cfg(not(unix))]
                                async_dsl::__private::Choice::This(__never) => match __never {}
                                #[cfg(any(not(all(windows)), service))]
                                #[cfg_attr(all(windows), allow(unused))]
                                async_dsl::__private::Choice::Other(
                                    async_dsl::__private::Choice::This(__value),
                                ) => {
                                    let _ = __value;
                                    2
                                }
                                #[cfg(not(any(not(all(windows)), service)))]
                                async_dsl::__private::Choice::Other(
                                    async_dsl::__private::Choice::This(__never),
                                ) => match __never {}
                                #[cfg(a)]
                                async_dsl::__private::Choice::Other(
                                    async_dsl::__private::Choice::Other(()),
                                ) => 3,
                                #[cfg(not(a))]
                                async_dsl::__private::Choice::Other(
                                    async_dsl::__private::Choice::Other(__never),
                                ) => match __never {}
                            }
                        }
                    }
                }
                #[cfg(not(any(unix, a)))]
                {
                    ::core::compile_error!(
                        "what is left of this `alt!` by its `cfg`s could wait for ever: add `default => …`, or an arm \
                             without a `cfg`"
                    )
                }
            }
        }
    "#]]
    .assert_eq(&text);
}

#[test]
fn an_alt_that_cfgs_leave_nothing_of_is_an_error() {
    let error = |tokens| {
        let messages = messages(alt(tokens));
        assert!(messages.len() <= 1, "{messages:?}");
        messages.len() == 1
    };
    assert!(error(quote!(#[cfg(a)] take!(c) => ())));
    assert!(error(
        quote!(#[cfg(a)] take!(c) => (), #[cfg(b)] default => ())
    ));
    assert!(error(
        quote!(#[cfg(a)] take!(c) => (), take!(c), if d => ())
    ));
    assert!(error(
        quote!(#[cfg(a)] default => (), #[cfg(b)] default => (), take!(c) => ())
    ));
    assert!(!error(quote!(#[cfg(a)] take!(c) => (), default => ())));
    assert!(!error(quote!(#[cfg(a)] take!(c) => (), take!(c) => ())));
    assert!(!error(quote!(#[allow(a)] take!(c) => ())));
}
