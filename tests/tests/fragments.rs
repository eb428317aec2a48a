//! A fragment of `macro_rules!` means in linear code what it means elsewhere: each kind, in the code of each opener. The words
//! have a file of their own, `fragments_words`.
#![deny(warnings)]
// Nobody writes such code by hand.
#![allow(redundant_semicolons, clippy::all, clippy::pedantic)]

use std::cmp;

use async_dsl::prelude::*;

/// Tests that the code gives true by itself and in every opener, where something in it is rewritten.
macro_rules! in_each_opener {
    ($name:ident { $($code:tt)* }) => {
        mod $name {
            use super::*;

                        fn plain() -> bool { $($code)* }

            #[test]
            fn mean_the_same_in_every_opener() {
                assert!(plain());

                assert!(async_dsl::block_on(async_block!({ yield_now!(); $($code)* })));
                assert!(async_dsl::block_on(go!({ yield_now!(); $($code)* })));
                assert!(async_dsl::block_on(go!(|| -> bool { yield_now!(); $($code)* })));
                assert!(async_dsl::block_on(thread!({ let _ = 1ms; $($code)* })));
                assert!(async_dsl::block_on(async_block!({
                    timeout!(1h, { yield_now!(); $($code)* }).unwrap()
                })));
                assert!(async_dsl::block_on(async_block!({
                    alt! {
                        sleep!(1h) => unreachable!("not yet"),
                        default => { yield_now!(); $($code)* }
                    }
                })));
                let state = agent(false);
                send!(state, |_| { yield_now!(); $($code)* }).unwrap();
                async_dsl::block_on(state.settled()).unwrap();
                assert!(state.get().unwrap());
                assert!(expand!(async_block!({ yield_now!(); $($code)* })).contains("yield_now"));
            }

            #[linear]
            async fn linear() -> bool { yield_now!(); $($code)* }

            struct Nobody;

            impl Nobody {
                #[linear]
                async fn method(&self) -> bool { yield_now!(); $($code)* }
            }

            #[async_dsl::test]
            async fn mean_the_same_below_linear_and_test() {
                assert!(linear().await);
                assert!(Nobody.method().await);
                yield_now!();
                assert!({ $($code)* });
            }

            #[async_dsl::main]
            async fn run() -> bool { yield_now!(); $($code)* }

            #[test]
            fn mean_the_same_below_main() {
                assert!(run());
            }
        }
    };
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Point<T = i32> {
    x: T,
    y: T,
}

struct Holder {
    function: fn(i32) -> i32,
}

const HOLDER: Holder = Holder {
    function: |n| n + 1,
};

trait Named {
    fn name(&self) -> String {
        "named".to_owned()
    }
}

macro_rules! operators {
    ($sum:expr, $negative:expr, $both:expr, $if:expr, $block:expr, $cast:expr, $or:expr, $chain:expr) => {
        in_each_opener!(operators {
            let (mut n, mut guarded, two) = (1, 0, &2);
            if !$both { guarded += 1; }
            match guarded {
                1 if !$both => guarded += 1,
                _ => {}
            }
            while $negative > guarded - 3 { guarded += 1; }
            n = $sum * n;
            let text = format!("{} {}", $sum * 2, $sum);
            (n, guarded, text.as_str(), $sum * 2, -$sum, !$sum, 10 - $sum - $sum) == (3, 2, "6 3", 6, -3, -4, 4)
                && ($negative.abs(), $sum.pow(2), $negative + 1, 1 - $negative) == (1, 9, 0, 2)
                && ($sum as u8 as i32 * 2, $cast < 300, $cast << 1, 1 + $sum) == (6, true, 6, 4)
                && ($if * 2, $if + $if, 10 - $if, { let a = $if; a }) == (20, 20, 0, 10)
                && ($block * 2, $block - 1, $block *two, $block + 1) == (14, 6, 14, 8)
                && ({ $sum * 2 }, { $if; $sum }, { $block; 2 }, { $chain * 2 }) == (6, 3, 2, 4)
                && (($or && false, true || $or) == (false, true))
        });
    };
}
operators!(
    1 + 2_i32,
    -1_i32,
    true && false || false,
    if true { 10 } else { 0 },
    { 7 },
    3_i64 as i32,
    true || false,
    match 1 {
        n => [n; 2],
    }
    .len()
);

macro_rules! postfixes {
    ($list:expr, $range:expr, $closure:expr, $field:expr, $point:expr, $maybe:expr, $place:expr, $macro:expr) => {
        in_each_opener!(postfixes {
            let mut point = Point { x: 1, y: 2 };
            if $point == point { point.y = 3; }
            for n in $range { point.x += n; }
            for n in $list { point.x += n; }
            let got = (|| Some($maybe? + 1))();
            let slot = &mut point.y;
            *slot += 1;
            (point.x, point.y, got, $place.x, $point.y, { $point.y }) == (1 + 1 + 9, 4, Some(5), 8, 2, 2)
                && ($list.len(), $list[0], &$list[1..], $range.len(), $macro.len()) == (3, 1, &[3, 5][..], 2, 2)
                && ($closure(1), $field(1), (&$point).x, { $macro[1] }) == (2, 2, 1, 2)
        });
    };
}
postfixes!(
    &[1, 3, 5],
    0..2,
    |n: i32| n + 1,
    HOLDER.function,
    Point { x: 1, y: 2 },
    Some(3).or(None).map(|n| n + 1),
    (Point { x: 8, y: 9 }),
    vec![1, 2]
);

macro_rules! literals {
    ($negative:literal, $number:literal, $float:literal, $text:literal, $true:literal) => {
        in_each_opener!(literals {
            #[doc = $text]
            #[derive(Debug)]
            struct Documented;
            let matched = match -1 {
                $number => 0,
                $negative => 1,
                _ => 2,
            };
            let ranged = matches!(-1, $negative..=$number) && match 0 { $negative..=$number => true, _ => false };
            (matched, ranged, $negative.abs(), $negative - 1, 1 - $negative, $number * 2) == (1, true, 1, -2, 2, 2)
                && concat!($text, $negative, "b") == "a-1b" && format!("{:?}{}", Documented, $text) == "Documenteda"
                && $float.floor() == 1.0 && $true && !!$true
        });
    };
}
literals!(-1_i32, 1, 1.5_f64, "a", true);

macro_rules! types {
    ($path:ty, $dyn:ty, $reference:ty, $function:ty, $tuple:ty, $array:ty, $never:ty, $impl:ty, $number:ty, $macro:ty) => {
        in_each_opener!(types {
            struct Own<T>(T);
            impl Named for Own<$path> {}
            impl Named for Own<$tuple> {}
            fn never() -> $never { panic!("not called") }
            fn closure() -> $impl { |n| n + 1 }
            fn call(f: &$dyn) -> u8 { f(1) }
            let _ = never as fn() -> $never;
            let boxed: Box<$dyn> = Box::new(|n| n + 1);
            let (function, text): ($function, $reference) = (|n| n + 1, "a");
            let array: [$array; 2] = <[$array; 2]>::default();
            let list = Vec::<$path>::new();
            let collected = (0..2).collect::<Vec<$number>>();
            let least: $macro = 3;
            let _ = |pair: $tuple| -> $tuple { pair };
            (<$path>::new(), <$path as Default>::default(), list.len(), array) == (vec![], vec![], 0, [[0; 3]; 2])
                && Own(<$path>::new()).name() == "named" && Own((1_u8, 2_u8)).name() == "named" && size_of::<$array>() == 3
                && 3_u64 as $number < 4 && 3_u64 as $number << 1 == 6 && (call(&*boxed), function(1), text) == (2, 2, "a")
                && closure()(1) == 2 && least == 3 && collected == [0, 1] && Vec::<$number>::with_capacity(2).is_empty()
        });
    };
}
macro_rules! number {
    () => {
        u8
    };
}
types!(
    Vec<u8>,
    dyn Fn(u8) -> u8 + Send + Sync,
    &'static str,
    fn(u8) -> u8,
    (u8, u8),
    [u8; 3],
    !,
    impl Fn(u8) -> u8 + Send,
    u32,
    number!()
);

macro_rules! patterns {
    (
        $or:pat, $some:pat, $mut:pat, $ref:pat, $at:pat, $negative:pat, $rest:pat, $wild:pat, $x:ident, $struct:pat, $path:pat, $bind:pat,
        $n:ident
    ) => {
        in_each_opener!(patterns {
            fn argument($mut: u8, $struct: Point) -> i32 { $n += 1; i32::from($n) + $x }
            let ors = [1, 2, 3].iter().filter(|n| matches!(n, &$or)).count();
            let bound = match 2 { all @ $or => all, _ => 0 };
            let inner = match Some(2) { Some($or) => true, _ => false };
            let listed = match [1, 2, 3] { [$or, $rest] => true, _ => false };
            let $ref = "a".to_owned();
            let length = $n.len();
            let $mut = 1; $n += 1; let counted = $n;
            let closure = |$bind, $wild: i32| { yield_nothing(); $n + 1 };
            let mut sum = 0;
            for $struct in [Point { x: 1, y: 2 }; 2] { sum += $x; }
            while let $some = Some(4).filter(|_| sum < 9) { sum += $n; }
            if let $some = Some(4) && sum > 0 { sum += $n; }
            let $some = Some(5) else { panic!("it is one") };
            sum += $n;
            let at = match 3 { $at => $n, _ => 0 };
            (ors, bound, inner, listed, length, closure(1, 2), sum) == (2, 2, true, true, 1, 2, 19)
                && (at, counted) == (3, 2) && matches!(-1, $negative) && !matches!(6, $negative) && matches!(255_u8, $path)
                && argument(1, Point { x: 1, y: 2 }) == 3
        });
    };
}
fn yield_nothing() {}
patterns!(
    1 | 2, Some(n), mut n, ref n, n @ 3..=4, -1..=5, .., _, x, Point { x, .. }, u8::MAX, n, n
);

macro_rules! names {
    (
        $point:path, $generic:path, $trait:path, $call:path,  $some:path, $bound:path, $constant:path, $number:path, $default:path, $local:path, $l:lifetime, $label:lifetime, $name:ident, $field:ident
    ) => {
        in_each_opener!(names {
            struct $name;
            impl $trait for $name {}
            fn bounded<T: $trait + Copy>(f: &dyn $bound, n: T) -> (u8, T) { (f(1), n) }
            fn same<$l>(text: &$l str) -> &$l str { text }
            impl $trait for &$name {}
            let $field = 5_u32;
            let point = Point { x: 1, $field: 2 };
            let same_point: $generic = Point { x: 1, y: 2 };
            let labelled = $label: loop {
                for n in 0.. {
                    if n == 3 { break $label n; }
                }
            };
            let $point { x, .. } = point;
            let found = match Some(1) { $some(n) => n, None => 0 };
            let less = $constant < 256 && $local < $local + 1 && 1_u64 as $number < 2 && $constant << 1 == 510;
            let list: $generic = Point { x, $field };
 let new: fn() -> $generic = $default;
            (point == same_point, labelled, x, found, $call(2, 3), less) == (true, 3, 1, 1, 3, true)
                && new() == Point { x: 0, y: 0 } && $name.name() == "named" && bounded(&|n| n + 1, &$name).0 == 2 && same("a") == "a"
                && list.$field == 5 && point.$field == 2 && $some(1).is_some()
        });
    };
}
const LARGE: u32 = 255;
mod inner {
    pub(super) const LOCAL: i32 = 1;
}
names!(
    Point, Point<u32>, Named, cmp::max, Some, Fn(u8) -> u8, LARGE, u32, Point::<u32>::default, inner::LOCAL,
    'a, 'outer, Struct, y
);

macro_rules! code {
    (
        $block:block, $one:block, $two:block, $let:stmt, $if:stmt, $assign:stmt, $call:stmt, $item:item, $function:item, $public:vis,
        $private:vis, $derive:meta, $doc:meta, $off:meta, $pair:tt, $brackets:tt, $variable:ident
    ) => {
        in_each_opener!(code {
            $item
            $function
            #[$doc]
            #[$derive]
            $public struct Public { $private n: u8, $public m: u8 }
            $private struct Private($public u8, $private u8);
            fn body() -> i32 $one
            async fn waits() -> i32 $one
            #[$off]
            fn body() -> i32 { 0 }
            let mut $variable = 1;
            $let;
            $if
            $assign;
            $call;
            $variable *= 2;
            let other = if $variable == 0 $two else $one;
            let looped = loop { $block break $one; };
            let closure = || $one;
            let arm = match 1 { 1 => $one other => other };
            let future = async $one;
            drop(future);
            drop(waits());
            let sum = $one + 1 - $one;
            let public = Public { n: 1, m: 2 };
            let (private, made) = (Private(1, 2), function(Item(1)));
            let many = [$pair.0, $pair.1, $brackets[0], $brackets.len() as i32];
            ($variable, other, looped, closure(), arm, sum, body(), { $one }) == (10, 7, 7, 7, 7, 1, 7, 7)
                && public.clone().n + public.m == 3 && private.0 + private.1 == 3 && many == [1, 2, 3, 1] && made == 2
        });
    };
}
code!(
    { drop(vec![1]) }, { 7 }, { 8 }, let added = 2, if n == 1 { n += added; }, n = n + added, drop(vec![n]), struct Item(u8);,
    fn function(item: Item) -> u8 { item.0 + 1 }, pub(crate), , derive(Clone), doc = "documented", cfg(any()), (1, 2), [3], n
);
