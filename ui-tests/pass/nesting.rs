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
    });
    async_dsl::block_on(task);
}
