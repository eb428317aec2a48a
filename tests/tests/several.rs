//! `join!`: several futures at once, by a word. What the functions behind it promise is in `join`.

use std::future::{Ready, ready};
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::time;

const MS: Duration = Duration::from_millis(1);

#[async_dsl::test]
async fn a_join_returns_the_tuple_of_what_it_was_given() {
    let (resolver, promised) = promise();
    let task = go!({ 'c' });
    go!({ resolver.deliver("kept") });
    let text = String::from("borrowed");
    let (one, two, three, four) = join!(task, &promised, async { text.len() }, ready(()));
    assert_eq!((one, two.unwrap(), three, four), ('c', "kept", 8, ()));
    assert_eq!(join!(ready(1)), (1,));
    assert_eq!(join!(ready(1), ready(2),), (1, 2));
}

#[async_dsl::test]
async fn a_join_of_each_returns_the_outputs_in_the_order_of_the_list() {
    let tasks: Vec<_> = (0..4_u32)
        .map(|n| {
            go!({
                sleep!((4 - n) * MS);
                n
            })
        })
        .collect();
    assert_eq!(join!(each tasks), [0, 1, 2, 3]);
    assert!(join!(each Vec::<Ready<u8>>::new()).is_empty());
    // A variable of that name is a variable.
    let each = [ready(1), ready(2)];
    assert_eq!(join!(each each), [1, 2]);
    let each = ready(3);
    assert_eq!(join!(each, ready(4)), (3, 4));
}

#[async_dsl::test]
async fn what_is_joined_runs_side_by_side() {
    let before = time::now();
    join!(
        time::sleep(3 * MS),
        time::sleep(5 * MS),
        time::sleep(4 * MS)
    );
    join!(each [time::sleep(MS), time::sleep(2 * MS)]);
    assert_eq!(time::now() - before, 7 * MS);
}

#[linear]
async fn sum(of: &Chan<u32>) -> u32 {
    let (one, two) = join!(of.take(), of.take());
    one.into_iter().chain(two).sum()
}

#[async_dsl::test(seeds = 50)]
async fn a_join_works_in_functions_blocks_and_macros_of_others() {
    let c = chan::fixed(1);
    let puts = go!(|c| { join!(each(1..=4).map(|n| c.put(n))) });
    let rest = async_block!(|c| { join!(c.take(), async { take!(c) }) });
    let (two, rest) = join!(sum(&c), rest);
    assert!(puts.await.iter().all(Result::is_ok));
    assert_eq!(two + rest.0.unwrap() + rest.1.unwrap(), 10);
    assert_eq!(format!("{:?}", join!(ready(1), async { 2 })), "(1, 2)");
}

#[async_dsl::test]
async fn a_join_that_is_dropped_leaves_its_tasks_running() {
    let (done, ended) = chan::fixed(1).split();
    let task = go!({
        sleep!(5 * MS);
        put!(done, 1)
    });
    let late = timeout!(MS, { join!(task, async { sleep!(1h) }) });
    assert!(late.is_err());
    assert_eq!(take!(ended), Some(1));
}

#[async_dsl::test]
#[should_panic(expected = "no luck")]
async fn a_panic_of_one_is_a_panic_of_the_join() {
    let task: Task<()> = go!({ panic!("no luck") });
    join!(task, std::future::pending::<()>());
}
