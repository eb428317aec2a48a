//! A plain `.await` of linear code is shown with its place and its text, as a word is.

use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};

use async_dsl::inspect::{Parked, Snapshot, TaskInfo, WaitsFor};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::sim;
use async_dsl_tests::parked;

fn task<'a>(snapshot: &'a Snapshot, name: &str) -> &'a TaskInfo {
    let mut tasks = snapshot.tasks.iter();
    let task = tasks.find(|task| task.name.as_deref() == Some(name));
    task.unwrap_or_else(|| panic!("no task {name:?} in\n{snapshot}"))
}

/// The text, line and column of the only place where a task is parked.
fn place(task: &TaskInfo) -> (&str, u32, u32) {
    let [Parked { text, place, .. }] = task.parked.as_slice() else {
        panic!("one place, not {:?}", task.parked)
    };
    let place = place.expect("a place");
    assert_eq!(place.file, file!());
    (text, place.line, place.column)
}

/// The line and the column of the first `await` in the line of this file that has `code` in it.
fn await_in(code: &str) -> (u32, u32) {
    let mut found = (1..).zip(include_str!("inspect_awaits.rs").lines());
    let found = found.find(|(_, text)| text.contains(code) && !text.contains("await_in("));
    let (line, text) = found.expect("the code");
    let column = text.find(".await").expect("an await") + 2;
    (line, u32::try_from(column).expect("a short line"))
}

fn check(snapshot: &Snapshot, name: &str, text: &str, code: &str) {
    let (line, column) = await_in(code);
    assert_eq!(place(task(snapshot, name)), (text, line, column), "{name}");
}

async fn fetch(_url: &str) {
    pending::<()>().await;
}

#[linear]
async fn waits_inside(orders: &Chan<u32>) -> Option<u32> {
    yield_now!();
    take!(orders) // inside
}

#[linear]
async fn linear_all_the_way(promise: &Promise<u32>) {
    let _ = promise.await; // innermost
}

async fn plain_inside(promise: &Promise<u32>) {
    let _ = promise.await;
}

#[test]
fn a_task_a_promise_and_a_foreign_future_are_shown_with_their_await() {
    let (_resolver, answer) = promise::<u32>();
    let (_scheduler, snapshot) = parked(|| {
        let orders = go!({ pending::<()>().await });
        go!(name = "of a task", {
            orders.await;
        });
        go!(name = "of a promise", { answer.await.is_ok() });
        go!(name = "foreign", { fetch("http://a").await });
    });
    check(&snapshot, "of a task", "orders.await", "orders.await;");
    check(&snapshot, "of a promise", "answer.await", "{ answer.await");
    check(
        &snapshot,
        "foreign",
        "fetch(\"http://a\").await",
        "{ fetch(",
    );
    let waits_for = |name| task(&snapshot, name).parked[0].waits_for;
    let number = snapshot.tasks[0].number;
    assert!(matches!(waits_for("of a task"), WaitsFor::End { number: n, .. } if n == number));
    assert!(matches!(waits_for("of a promise"), WaitsFor::Answer(_)));
    assert_eq!(waits_for("foreign"), WaitsFor::Foreign);
    let table = format!("{snapshot:200}");
    assert!(table.contains("fetch(\"http://a\").await"), "{table}");
}

#[test]
fn an_operation_that_knows_its_place_keeps_it() {
    let orders = chan::fixed::<u32>(1);
    let (_resolver, answer) = promise::<u32>();
    let asked = answer.clone();
    let (_scheduler, snapshot) = parked(|| {
        go!(name = "word", |orders| { waits_inside(&orders).await });
        go!(name = "method", |orders| { orders.take().await });
        go!(name = "linear", { linear_all_the_way(&answer).await });
        go!(name = "plain", { plain_inside(&asked).await });
        go!(name = "nested", |orders| {
            async { async { waits_inside(&orders).await }.await }.await // nested
        });
    });
    let (word, ..) = place(task(&snapshot, "word"));
    assert_eq!(word, "take!(orders)");
    assert_eq!(place(task(&snapshot, "method")).0, ".take()");
    let code = "let _ = promise.await; // innermost";
    check(&snapshot, "linear", "promise.await", code);
    // Of what is not linear code only the await around it is known.
    let code = "{ plain_inside(&asked)";
    check(&snapshot, "plain", "plain_inside(&asked).await", code);
    assert_eq!(place(task(&snapshot, "nested")).0, "take!(orders)");
}

#[test]
fn it_is_shown_in_every_opener_and_around_every_word() {
    let never = |number: u32| async move {
        pending::<()>().await;
        number
    };
    let state = agent(0_u32);
    let numbers = chan::fixed(1);
    let (_scheduler, snapshot) = parked(|| {
        go!(name = "async_block", async_block!({ never(1).await }).await);
        go!(name = "put", |numbers| {
            put!(numbers, never(2).await).is_ok()
        });
        go!(name = "timeout", {
            timeout!(1h, { never(3).await }).is_ok()
        });
        go!(name = "handler", {
            alt! {
                default => never(4).await,
            }
        });
        go!(name = "closure", {
            let run = async |n| never(n).await;
            run(5).await
        });
        drop(send!(state, |n| { n + never(6).await }));
    });
    check(&snapshot, "async_block", "never(1).await", "never(1).await");
    check(&snapshot, "put", "never(2).await", "never(2).await");
    check(&snapshot, "handler", "never(4).await", "never(4).await");
    check(&snapshot, "closure", "never(n).await", "never(n).await");
    let shown = format!("{snapshot:200}");
    for text in ["never(3).await", "never(6).await"] {
        assert!(shown.contains(text), "{text} is missing:\n{shown}");
    }
}

#[test]
fn a_long_operand_is_shown_without_what_is_in_its_parentheses() {
    let (_scheduler, snapshot) = parked(|| {
        go!(name = "block", {
            async {
                let numbers: Vec<u32> = (0..10).map(|n| n * 2).collect();
                pending::<Vec<u32>>().await; // inside a block
                numbers
            }
            .await
        });
        go!(name = "chain", {
            ready("a text that is too long for a line of a table, by far")
                .await
                .split(' ')
                .map(|_| pending::<()>())
                .next()
                .unwrap()
                .await;
        });
    });
    check(
        &snapshot,
        "block",
        "pending::<Vec<u32>>().await",
        "// inside a block",
    );
    let (text, ..) = place(task(&snapshot, "chain"));
    assert_eq!(text, "ready(…).await.split(…).map(…).next().unwrap().await");
}

#[test]
fn the_texts_of_words_are_the_users_with_an_await_in_them() {
    let numbers = chan::fixed::<usize>(1);
    let (_scheduler, snapshot) = parked(|| {
        go!(name = "put", |numbers| {
            put!(numbers, 1).ok();
            put!(numbers, ready(")\"(".len()).await + ready(2).await)
        });
        go!(name = "take", { take!(ready_chan().await) });
        go!(name = "await", { await!(ready(fetch("b")).await) });
    });
    let text = |name| place(task(&snapshot, name)).0;
    assert_eq!(
        text("put"),
        "put!(numbers, ready(\")\\\"(\".len()).await + ready(2).await)"
    );
    assert_eq!(text("take"), "take!(ready_chan().await)");
    assert_eq!(text("await"), "await!(ready(fetch(\"b\")).await)");
}

fn ready_chan() -> impl Future<Output = Chan<u32>> {
    ready(chan::fixed(1))
}

#[test]
fn a_task_that_goes_on_is_shown_where_it_is_now() {
    let (first, answer) = promise::<()>();
    let (second, another) = promise::<()>();
    let (scheduler, snapshot) = parked(|| {
        go!(name = "twice", {
            answer.await.ok();
            another.await.ok();
            fetch("c").await;
        });
    });
    check(&snapshot, "twice", "answer.await", "answer.await.ok();");
    first.deliver(());
    scheduler.run_until_parked();
    check(
        &scheduler.snapshot(),
        "twice",
        "another.await",
        "another.await.ok();",
    );
    second.deliver(());
    scheduler.run_until_parked();
    check(
        &scheduler.snapshot(),
        "twice",
        "fetch(\"c\").await",
        "fetch(\"c\").await;",
    );
}

#[test]
fn what_waits_side_by_side_does_not_borrow_a_place() {
    let (_resolver, answer) = promise::<()>();
    let orders = chan::fixed::<()>(1);
    let (_scheduler, snapshot) = parked(|| {
        go!(name = "both", |orders| {
            await!(answer, async { orders.take().await }, async { fetch("d").await })
        });
        go!(name = "lines", |orders| {
            await!(orders.take(), async { orders.take().await })
        });
    });
    let waits_for = |name| -> Vec<(&str, WaitsFor)> {
        let places = task(&snapshot, name).parked.iter();
        places
            .map(|place| (&*place.text, place.waits_for))
            .collect()
    };
    // Of a promise and a foreign future the promise is shown: it says more.
    let [(".take()", WaitsFor::Take(_)), (whole, WaitsFor::Answer(_))] = waits_for("both")[..]
    else {
        panic!("{snapshot}")
    };
    assert!(whole.starts_with("await!(answer, async"), "{whole}");
    let [(".take()", _), (".take()", _)] = waits_for("lines")[..] else {
        panic!("{snapshot}")
    };
}

#[test]
fn a_deadlock_report_names_the_await() {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let (resolver, answer) = promise::<()>();
    let run = AssertUnwindSafe(|| {
        scheduler.block_on(async_block!({
            let asking = go!({ answer.await.is_ok() }); // asks
            asking.await; // for the task
            drop(resolver);
        }));
    });
    let payload = catch_unwind(run).expect_err("a deadlock");
    let report = *payload.downcast::<String>().expect("a message");
    for (code, text) in [
        ("// asks", "answer.await"),
        ("// for the task", "asking.await"),
    ] {
        let place = format!("at {}:{}: {text}", file!(), await_in(code).0);
        assert!(report.contains(&place), "{place} is missing:\n{report}");
    }
}

#[test]
fn a_simulated_trace_shows_the_await() {
    let trace = sim::trace(&0.into(), || {
        async_block!({
            let asked = go!({ yield_now!() });
            asked.await; // of the trace
        })
    });
    let line = await_in("// of the trace").0;
    let shown = trace.to_string();
    let step = format!("{line}  asked.await");
    assert!(shown.contains(&step), "{step} is missing:\n{shown}");
}
