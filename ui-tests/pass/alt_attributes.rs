//! Attributes of arms.
#![deny(warnings)]
use async_dsl::prelude::*;

#[deprecated]
fn old(c: &Chan<u32>) -> &Chan<u32> {
    c
}

#[deprecated]
fn is_old() -> bool {
    true
}

fn main() {
    let c = chan::<u32>();
    go!({
        // On everything in an arm that is there: operand, condition, pattern, value, handler.
        alt! {
            #[allow(deprecated, unused_variables)]
            n = take!(old(&c)), if is_old() => {}
            #[expect(deprecated)]
            _ = take!(old(&c)) => {}
            #[expect(deprecated)]
            _ = take!(c), if is_old() => {}
            #[expect(deprecated)]
            _ = take!(take!(chan::<Chan<u32>>()).as_ref().map_or(&c, old)), if c.is_closed() => {}
            #[expect(unused_variables, reason = "it is shown")]
            n = take!(c) => {}
            #[expect(deprecated)]
            put!(c, u32::from(is_old())) => {}
            #[expect(deprecated)]
            sleep!(1s) => assert!(is_old()),
            #[cfg_attr(all(), expect(unused_mut), cfg(all()))]
            mut n = take!(c) => assert!(n.is_none()),
            #[warn(deprecated)]
            #[deny(unused_variables)]
            #[forbid(unused_mut)]
            n = take!(c) => assert!(n.is_none()),
            #[expect(deprecated)]
            default => drop(old(&c)),
        }
        // What is not there needs to make no sense.
        alt! {
            biased;
            #[cfg(any())]
            Absent { all } = take!(absent::absent()), if absent! {} => all.absent(),
            #[cfg(not(all(all(), any())))]
            _ = put!(c, 1), if true => {}
            #[cfg(any())]
            #[expect(deprecated)]
            put!(absent, absent) => {}
            #[cfg_attr(all(), cfg(any()))]
            _ = await!(absent) => {}
            #[cfg_attr(any(), cfg(any()))]
            _ = take!(c) => {}
            #[cfg(any())]
            default => absent,
        }
        let only = alt! {
            #[cfg(any())]
            _ = take!(absent) => (),
            default => 1_u8,
        };
        assert_eq!(only, 1);
        // Braces are the handler's own, with an attribute or without.
        alt! {
            n = take!(c) => { assert_ne!(n, Some(2)) }
            #[cfg(all())]
            default => { assert_eq!(only, 1) }
        }
    });
}
