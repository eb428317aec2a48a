//! Functions with attributes.

use expect_test::expect;
use quote::quote;

use crate::attribute::{Kind, expand};

fn file(expansion: proc_macro2::TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(expansion).expect("items"))
}

#[test]
fn main_runs_the_body_as_a_function_of_its_own() {
    let item = quote! {
        /// Docs.
        pub async fn main() -> io::Result<()> { take!(c); Ok(()) }
    };
    let expansion = expand(Kind::Main, quote!(workers = 2, crate = dsl), item);
    expect![[r#"
        /// Docs.
        pub fn main() -> io::Result<()> {
            #[allow(dead_code, clippy::unused_async)]
            async fn main() -> io::Result<()> {
                #[allow(unused_imports)]
                use dsl::__private::{Takes as _, TakesStream as _};
                take!(@ park c; @ "take!(c)");
                Ok(())
            }
            dsl::__private::set_workers(2);
            dsl::__private::block_on(main())
        }
    "#]]
    .assert_eq(&file(expansion));
}

#[test]
fn a_test_keeps_its_attributes() {
    let item = quote! {
        #[should_panic]
        async fn fails() { sleep!(1ms); panic!() }
    };
    expect![[r##"
        #[::core::prelude::v1::test]
        #[should_panic]
        fn fails() {
            #[allow(dead_code, clippy::unused_async)]
            async fn fails() {
                sleep!(@ park::core::time::Duration::from_millis(1); @ "sleep!(1ms)");
                panic!()
            }
            ::async_dsl::__private::Test::new().run(fails)
        }
    "##]]
    .assert_eq(&file(expand(Kind::Test, quote!(), item)));
}

#[test]
fn a_linear_function_stays_what_it_is() {
    let item = quote! {
        pub(crate) async unsafe fn next<'a, T: Send>(&'a self, mut n: u8) -> Option<T> where T: Clone {
            n += 1;
            take!(self.c)
        }
    };
    expect![[r#"
        pub(crate) async unsafe fn next<'a, T: Send>(&'a self, mut n: u8) -> Option<T>
        where
            T: Clone,
        {
            #[allow(unused_imports)]
            use ::async_dsl::__private::{Takes as _, TakesStream as _};
            n += 1;
            take!(@ park self.c; @ "take!(self.c)")
        }
    "#]]
    .assert_eq(&file(expand(Kind::Linear, quote!(), item)));
}

#[test]
fn the_code_of_a_function_may_have_been_moved() {
    let item = quote! {
        fn next(&self) -> Pin<Box<dyn Future<Output = Option<u8>> + '_>> {
            Box::pin(async move {
                let __self = self;
                let __ret: Option<u8> = { take!(__self.c) };
                __ret
            })
        }
    };
    expect![[r#"
        fn next(&self) -> Pin<Box<dyn Future<Output = Option<u8>> + '_>> {
            #[allow(unused_imports)]
            use ::async_dsl::__private::{Takes as _, TakesStream as _};
            Box::pin(async move {
                let __self = self;
                let __ret: Option<u8> = { take!(@ park __self.c; @ "take!(__self.c)") };
                __ret
            })
        }
    "#]]
    .assert_eq(&file(expand(Kind::Linear, quote!(), item)));
    let item = quote! {
        fn next() {
            let body = async {
                async fn inner() -> Option<u8> { take!(c) }
                run(inner()).await;
            };
            take!(c);
            runtime.block_on(body);
        }
    };
    expect![[r#"
        fn next() {
            #[allow(unused_imports)]
            use ::async_dsl::__private::{Takes as _, TakesStream as _};
            let body = async {
                async fn inner() -> Option<u8> {
                    take!(@ park c; @ "take!(c)")
                }
                run(inner()).await;
            };
            take!(@ item c);
            runtime.block_on(body);
        }
    "#]]
    .assert_eq(&file(expand(Kind::Linear, quote!(), item)));
}
