//! What operands may be, with conditions and without: their temporaries live as long as those of a `match`.
#![deny(warnings)]
use std::cell::{Ref, RefCell};
use std::collections::HashMap;

use async_dsl::prelude::*;

struct Table(RefCell<Vec<Chan<u32>>>);

impl Table {
    fn rows(&self, _name: &str, _number: usize) -> Ref<'_, Vec<Chan<u32>>> {
        self.0.borrow()
    }
}

struct Row {
    jobs: Chan<u32>,
}

async fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

fn main() {
    async_dsl::block_on(async_block!({
        let table = Table(RefCell::new(vec![chan(), chan()]));
        let mut by_name = HashMap::from([("a", chan::<u32>())]);
        let (late, nothing) = (true, None::<Chan<u32>>);

        alt! { _ = take!(table.0.borrow().get(0).unwrap()) => {} sleep!(1ms) => {} }
        alt! { _ = take!(table.0.borrow().get(0).unwrap()) => {} sleep!(1ms), if late => {} }
        alt! { _ = take!(table.0.borrow().get(0).unwrap()), if late => {} sleep!(1ms) => {} }
        alt! { _ = take!(table.0.borrow()[0]), if late => {} sleep!(1ms) => {} }
        alt! { _ = take!(&table.0.borrow()[1]), if late => {} sleep!(1ms), if late => {} default => {} }
        alt! { _ = take!(*table.0.borrow().last().unwrap()), if late => {} sleep!(1ms) => {} }
        alt! { _ = put!(table.rows(&String::from("x"), 1 + 2)[0], 1), if late => {} sleep!(1ms) => {} }
        alt! {
            _ = take!(match table.rows("x", 0).first() { Some(c) => c, None => unreachable!() }), if late => {}
            _ = take!(if let Some(c) = &nothing { c } else { &by_name["a"] }), if late => {}
            _ = take!(by_name.get(&*String::from("a")).unwrap()), if late => {}
            _ = take!({ let c = &by_name["a"]; c }), if late => {}
            _ = take!(c), if let Some(c) = &nothing => {}
            _ = take!(Row { jobs: chan::<u32>() }.jobs) => {}
            _ = take!(Row { jobs: chan::<u32>() }.jobs), if late => {}
            sleep!(std::time::Duration::from_millis(table.0.borrow().len() as u64)), if late => {}
            sleep!(1s) => {}
        }

        // What has no temporary is free again in the handlers.
        loop {
            alt! {
                biased;
                _ = take!(by_name["a"]) => by_name.clear(),
                _ = take!(by_name.get("a").unwrap()), if late => by_name.clear(),
                _ = take!(by_name.values().next().unwrap().clone()), if late => by_name.clear(),
                default => {
                    by_name.clear();
                    break;
                }
            }
        }

        // A result may borrow from them.
        let length = alt! {
            word = await!(cancel_safe(first_word(&String::from("one two")))) => word.len(),
            sleep!(1s), if late => 0,
        };
        assert_eq!(length, 3);
        let length = alt! {
            word = await!(cancel_safe(first_word(&String::from("one two")))), if late => word.len(),
            sleep!(1s) => 0,
        };
        assert_eq!(length, 3);
    }));
}
