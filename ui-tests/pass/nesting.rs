//! I4: words inside other macros, closures and blocks.
#![deny(warnings)]
use async_dsl::prelude::*;

fn main() {
    let c = chan::fixed(8);
    let task = go!(|c| {
        for n in 1..=8 {
            put!(c, n).unwrap();
        }
        println!("{}", take!(c).unwrap());
        let text = format!("{:?} {n}", take!(c), n = take!(c).unwrap_or_default());
        assert_eq!(text, "Some(2) 3");
        assert_eq!(take!(c), Some(4));
        assert!(matches!(take!(c), Some(n) if n > 4));
        let v = vec![take!(c); 2];
        assert_eq!(v, vec![Some(6), Some(6)]);
        assert_eq!(async_dsl::take!(c), Some(7));

        macro_rules! next {
            ($c:expr) => {
                take!($c)
            };
        }
        macro_rules! later {
            ($t:expr) => {
                await!(go!({ $t }))
            };
        }
        assert_eq!(next!(c), Some(8));
        assert_eq!(later!(9), 9);

        let inner = async { put!(c, 10).is_ok() };
        assert!(inner.await);
        let add = async |n| take!(c).unwrap_or(0) + n;
        assert_eq!(add(1).await, 11);
        let doubled: Vec<_> = (1..3).map(|n| n * 2).collect();
        assert_eq!(doubled, [2, 4]);

        let nested = go!(|c| { put!(c, 5).is_ok() && go!({ take!(c) }).await == Some(5) });
        assert!(await!(nested));
        if let Some(n) = take!(c, 1ms, 0) {
            assert_eq!(n, 0);
        }

        // Deeper: in a macro in a macro, in a message, in a block that is an argument, beside literals of our own.
        for n in 1..=7 {
            put!(c, n).unwrap();
        }
        let inner = format!("{}", format!("{0:?} {0:?} {late:?}", take!(c), late = 5ms));
        assert_eq!(inner, "Some(1) Some(1) 5ms");
        assert!(take!(c).is_some(), "there was no {:?}", take!(c));
        let mut text = String::new();
        std::fmt::Write::write_fmt(&mut text, format_args!("{:?}", await!(go!(|c| { take!(c) })))).unwrap();
        assert_eq!(text, "Some(3)");
        macro_rules! twice {
            ($code:block) => {
                ($code, $code)
            };
        }
        assert_eq!(twice!({ take!(c).map(|n| n + 1) }), (Some(5), Some(6)));
        assert!(matches!((take!(c), take!(c)), (Some(6), Some(n)) if n == 7));
        println!(
            "{}",
            alt! {
                n = take!(c) => n.unwrap_or_default(),
                default => 8,
            }
        );
    });
    async_dsl::block_on(task);
}
