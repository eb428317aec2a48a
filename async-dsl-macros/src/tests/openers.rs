//! Openers and their heads.

use expect_test::expect;
use quote::quote;

use super::{krate, printed, timeout};
use crate::{go, send, thread};

#[test]
fn go_is_a_call_with_the_marked_block() {
    let expansion = go::go(
        quote!({
            let n = take!(c);
            put!(out, n).ok();
        }),
        &krate(),
    );
    expect![[r#"
        fn expansion() {
            async_dsl::__private::spawn(async move {
                #[allow(unused_imports)]
                use async_dsl::__private::{Puts as _, Takes as _, TakesStream as _};
                let n = take!(@ park c; @ "take!(c)");
                put!(@ park out, n; @ "put!(out, n)").ok();
            })
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn a_task_may_have_a_name() {
    let expansion = go::go(
        quote!(name = format!("cook {n}"), |jobs| { take!(jobs) }),
        &krate(),
    );
    expect![[r#"
        fn expansion() {
            {
                let jobs = jobs.clone();
                async_dsl::__private::spawn_named(
                    format!("cook {n}"),
                    async move {
                        #[allow(unused_imports)]
                        use async_dsl::__private::{Takes as _, TakesStream as _};
                        let _ = (&jobs,);
                        take!(@ park jobs; @ "take!(jobs)")
                    },
                )
            }
        }
    "#]]
    .assert_eq(&printed(&expansion));
    // Alone it is an assignment.
    let expansion = go::go(quote!(name = other), &krate());
    expect![[r#"
        fn expansion() {
            async_dsl::__private::spawn(async move { name = other })
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn braces_and_expressions_are_blocks_too() {
    let expansion = go::go(quote!(let n = 1; n + 1), &krate());
    expect![[r#"
        fn expansion() {
            async_dsl::__private::spawn(async move {
                let n = 1;
                n + 1
            })
        }
    "#]]
    .assert_eq(&printed(&expansion));
    let expansion = go::go(quote!(run(take!(c))), &krate());
    expect![[r#"
        fn expansion() {
            async_dsl::__private::spawn(async move {
                #[allow(unused_imports)]
                use async_dsl::__private::{Takes as _, TakesStream as _};
                run(take!(@ park c; @ "take!(c)"))
            })
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn captures_are_cloned_and_a_result_type_is_said() {
    let head = quote!(|jobs, mut log| -> io::Result<()> {
        log.write(take!(jobs))?;
        Ok(())
    });
    expect![[r#"
        fn expansion() {
            {
                let jobs = jobs.clone();
                let mut log = log.clone();
                async_dsl::__private::spawn(async move {
                    #[allow(unused_imports)]
                    use async_dsl::__private::{Takes as _, TakesStream as _};
                    let _ = (&jobs, &log);
                    #[allow(
                        unreachable_code,
                        clippy::diverging_sub_expression,
                        clippy::empty_loop,
                        clippy::needless_return
                    )] #[allow(clippy::let_unit_value, clippy::let_with_type_underscore)]
                    if false {
                        let __never: io::Result<()> = loop {};
                        return __never;
                    }
                    log.write(take!(@ park jobs; @ "take!(jobs)"))?;
                    Ok(())
                })
            }
        }
    "#]]
    .assert_eq(&printed(&go::go(head, &krate())));
}

#[test]
fn a_future_is_not_started() {
    let expansion = go::async_block(quote!(|c| await!(c.take(), each tasks)), &krate());
    expect![[r#"
        fn expansion() {
            {
                let c = c.clone();
                async move {
                    #[allow(unused_imports)]
                    use async_dsl::__private::{Takes as _, TakesStream as _};
                    let _ = (&c,);
                    async_dsl::await_!(
                        @ park[::core::line!(), ::core::column!()] c.take(), each tasks
                    )
                }
            }
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn a_thread_is_a_closure() {
    let expansion = thread::thread(
        quote!(|path| -> io::Result<String> { read(path) }),
        &krate(),
    );
    expect![[r#"
        fn expansion() {
            {
                let path = path.clone();
                async_dsl::__private::spawn_thread(move || -> io::Result<String> {
                    let _ = (&path,);
                    read(path)
                })
            }
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn an_action_takes_the_state() {
    let expansion = send::send(
        quote!(a, |n| {
            sleep!(100ms);
            n + 1
        }),
        &krate(),
    );
    expect![[r#"
        fn expansion() {
            async_dsl::__private::send(
                &a,
                move |n| async move {
                    sleep!(@ park::core::time::Duration::from_millis(100); @ "sleep!(100ms)");
                    n + 1
                },
            )
        }
    "#]]
    .assert_eq(&printed(&expansion));
    let expansion = send::send(
        quote!(&x.a, |(mut m, _): (Map<K, V>, u8)| -> Result<S, E> {
            f(m)?
        }),
        &krate(),
    );
    expect![[r#"
        fn expansion() {
            async_dsl::__private::send_fallible(
                &(&x.a),
                move |(mut m, _): (Map<K, V>, u8)| async move {
                    #[allow(
                        unreachable_code,
                        clippy::diverging_sub_expression,
                        clippy::empty_loop,
                        clippy::needless_return
                    )] #[allow(clippy::let_unit_value, clippy::let_with_type_underscore)]
                    if false {
                        let __never: Result<S, E> = loop {};
                        return __never;
                    }
                    f(m)?
                },
            )
        }
    "#]]
    .assert_eq(&printed(&expansion));
}

#[test]
fn a_timeout_borrows() {
    let expansion = timeout(quote!(limit::<A, B>(), {
        seen += 1;
        take!(c)
    }));
    expect![[r#"
        fn expansion() {
            async_dsl::__private::timeout(
                    async_dsl::__private::TimeoutTime::time(limit::<A, B>()),
                    async {
                        seen += 1;
                        take!(@ park c; @ "take!(c)")
                    },
                )
                .await
        }
    "#]]
    .assert_eq(&printed(&expansion));
}
