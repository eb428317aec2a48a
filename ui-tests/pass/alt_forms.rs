//! Every form of an arm.
#![deny(warnings)]
use async_dsl::prelude::*;

struct Hub {
    out: Chan<String>,
}

impl Hub {
    fn out(&self) -> Chan<String> {
        self.out.clone()
    }
}

fn main() {
    let task = go!(|| -> Result<u32, Closed<String>> {
        let (jobs, hub) = (chan::fixed::<u32>(4), Hub { out: chan::sliding(8) });
        let (resolver, answer) = promise::<u32>();
        let worker = go!({ 5_u32 });
        resolver.deliver(3);
        put!(jobs, 1).unwrap();
        let mut sum = 0;
        let mut is_open = true;
        let mut polled = false;
        loop {
            let text = String::from("x");
            alt! {
                biased;
                job = take!(jobs) => sum += job.unwrap_or(0),
                five = await!(worker), if !polled => {
                    polled = true;
                    sum += five;
                }
                seven = take!(one_seven()), if is_open => {
                    is_open = false;
                    sum += seven.unwrap_or(0);
                },
                sent = put!(hub.out(), text.clone() + "y") => if sent.is_ok() && polled { break },
                put!(hub.out, text) => continue,
                sleep!(1h) => return Ok(0),
                default => {}
            }
        }
        assert_eq!(sum, 1 + 5 + 7);
        let (first, second) = (chan::fixed(1), chan::fixed(1));
        alt! {
            result = put!(first, String::new()) => result?,
            result = put!(second, String::new()) => result?,
        }
        let moved = alt! {
            _ = take!(jobs) => None,
            three = await!(answer) => {
                drop(hub);
                drop(jobs);
                three.ok()
            }
            put!(hub.out, "z".into()), if sum == 0 => None,
        };
        assert_eq!(moved, Some(3));
        Ok(sum)
    });
    assert_eq!(async_dsl::block_on(task).unwrap(), 13);
}

fn one_seven() -> Chan<u32> {
    let c = chan();
    c.try_put(7).unwrap();
    c
}
