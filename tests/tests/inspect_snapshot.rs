//! What a snapshot says of tasks, channels and agents.

use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;

use async_dsl::agent::on_failure;
use async_dsl::inspect::{AgentState, Parked, Place, Snapshot, TaskInfo, TaskState, WaitsFor};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::time;
use async_dsl_tests::parked;

fn only(snapshot: &Snapshot) -> &TaskInfo {
    let [task] = snapshot.tasks.as_slice() else {
        panic!("one task, not {:?}", snapshot.tasks)
    };
    task
}

fn place(task: &TaskInfo) -> &Parked {
    let [place] = task.parked.as_slice() else {
        panic!("one place, not {:?}", task.parked)
    };
    place
}

/// The line of this file that has `code` in it.
fn line_with(code: &str) -> u32 {
    let mut found = (1..).zip(include_str!("inspect_snapshot.rs").lines());
    let line = found.find(|(_, text)| text.contains(code) && !text.contains("line_with("));
    line.expect("the code").0
}

fn line_of(place: Option<Place>) -> u32 {
    let place = place.expect("a place");
    assert_eq!(place.file, file!());
    place.line
}

#[test]
fn a_parked_task_shows_its_word_and_both_lines() {
    let orders = chan::fixed::<u32>(1).named("orders");
    let (_scheduler, snapshot) = parked(|| {
        go!(name = "cook", |orders| { take!(orders) });
    });
    let here = line_with("name = \"cook\"");
    let task = only(&snapshot);
    assert_eq!((task.number, task.name.as_deref()), (1, Some("cook")));
    assert_eq!(task.state, TaskState::Parked);
    assert_eq!(task.started_at.line, here);
    let place = place(task);
    assert_eq!(line_of(place.place), here);
    assert_eq!(place.text, "take!(orders)");
    let channel = &snapshot.channels[0];
    assert_eq!(place.waits_for, WaitsFor::Take(channel.number));
    assert_eq!(channel.name.as_deref(), Some("orders"));
    assert_eq!(channel.parked_takers[0].task, Some(1));
}

#[test]
fn every_word_is_shown_with_its_text() {
    let (full, empty) = (chan::fixed(0), chan::fixed::<u32>(1));
    let (_resolver, promise) = promise::<u32>();
    let busy = agent(0);
    let (_scheduler, snapshot) = parked(|| {
        go!(|full| { put!(full, 1 + 1) });
        go!(|empty| { take!(empty, 100ms, 7) });
        go!(|full| { put!(full, 2, 2s) });
        let sleeper = go!({ sleep!(5min) });
        go!({ await!(sleeper) });
        go!({ await!(promise) });
        send!(busy, |n| {
            sleep!(1h);
            n
        })
        .unwrap();
        go!(|empty| { timeout!(1s, { take!(empty) }) });
        go!(|empty| { await!(async { empty.take().await }, std::future::ready(1)) });
        go!({ busy.settled().await });
    });
    let texts: Vec<_> = snapshot
        .tasks
        .iter()
        .map(|task| place(task).text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "put!(full, 1 + 1)",
            "take!(empty, 100ms, 7)",
            "put!(full, 2, 2s)",
            "sleep!(5min)",
            "await!(sleeper)",
            "await!(promise)",
            "sleep!(1h)",
            "take!(empty)",
            ".take()",
            ".settled()",
        ]
    );
    let waits: Vec<_> = snapshot
        .tasks
        .iter()
        .map(|task| place(task).waits_for)
        .collect();
    assert!(matches!(waits[3], WaitsFor::Time));
    assert!(matches!(waits[4], WaitsFor::End { number: 4, .. }));
    assert!(matches!(waits[5], WaitsFor::Answer(_)));
    assert!(matches!(waits[9], WaitsFor::Settling(_)));
}

#[test]
fn method_calls_are_traced_as_well_as_words() {
    let orders = chan::fixed::<u32>(0);
    let (_scheduler, snapshot) = parked(|| {
        go!(|orders| { orders.take().await });
        go!(|orders| { orders.reserve().await });
        go!({ time::sleep(Duration::from_secs(1)).await });
    });
    // The first two meet: a reservation is a promise to the taker.
    let texts: Vec<_> = snapshot
        .tasks
        .iter()
        .flat_map(|task| &task.parked)
        .map(|parked| (line_of(parked.place), parked.text.as_str()))
        .collect();
    assert!(
        texts.contains(&(line_with("time::sleep("), "sleep()")),
        "{texts:?}"
    );
    let (_scheduler, snapshot) = parked(|| {
        let orders = chan::fixed::<u32>(0);
        go!({
            orders.take().await // here
        });
    });
    let place = place(only(&snapshot));
    assert_eq!(
        (line_of(place.place), place.text.as_str()),
        (line_with("orders.take().await // here"), ".take()")
    );
}

#[test]
fn an_alt_shows_every_arm() {
    let (jobs, results) = (chan::fixed::<u32>(1), chan::fixed(1));
    results.try_put(0).unwrap();
    let (_resolver, promise) = promise::<u32>();
    let open = false;
    let first = line_with("_ = take!(jobs) =>");
    let (_scheduler, snapshot) = parked(|| {
        go!(|jobs, results| {
            alt! {
                _ = take!(jobs) => (),
                _ = put!(results, 1 + 1) => (),
                _ = await!(promise) => (),
                _ = take!(jobs), if open => (),
                sleep!(1s) => (),
            }
        });
    });
    let task = only(&snapshot);
    let arms: Vec<_> = task
        .parked
        .iter()
        .map(|arm| (line_of(arm.place) - first, arm.text.as_str(), arm.is_arm))
        .collect();
    assert_eq!(
        arms,
        [
            (0, "take!(jobs)", true),
            (1, "put!(results, 1 + 1)", true),
            (2, "await!(promise)", true),
            (3, "take!(jobs)", true),
            (4, "sleep!(1s)", true),
        ]
    );
    assert!(matches!(task.parked[0].waits_for, WaitsFor::Take(_)));
    assert!(matches!(task.parked[1].waits_for, WaitsFor::Put(_)));
    assert_eq!(task.parked[3].waits_for, WaitsFor::Nothing);
}

#[test]
fn what_is_ready_or_running_is_not_parked() {
    let scheduler = Scheduler::manual();
    let seen = scheduler.enter(|| {
        go!({});
        go!(name = "looks", { async_dsl::inspect::snapshot() })
    });
    let before = scheduler.snapshot();
    assert!(
        before
            .tasks
            .iter()
            .all(|task| task.state == TaskState::Ready)
    );
    let during = scheduler.block_on(seen);
    let looks = only(&during);
    assert_eq!(
        (looks.name.as_deref(), looks.state),
        (Some("looks"), TaskState::Running)
    );
    assert!(looks.parked.is_empty());
    assert!(scheduler.snapshot().tasks.is_empty());
}

/// What wakes a waker that is not the task's leaves the task in no queue and in no line.
// F7
#[test]
fn a_task_that_nobody_can_wake_is_parked() {
    let scheduler = Scheduler::manual();
    scheduler.enter(|| {
        go!({
            let mut turn = std::pin::pin!(async_dsl::task::yield_now());
            std::future::poll_fn(|_| {
                let mut cx = Context::from_waker(Waker::noop());
                turn.as_mut().poll(&mut cx)
            })
            .await;
        })
    });
    assert_eq!(only(&scheduler.snapshot()).state, TaskState::Ready);
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let task = only(&snapshot);
    assert_eq!((task.state, task.parked.len()), (TaskState::Parked, 0));
    let text = snapshot.to_string();
    assert!(text.contains("nothing known"), "{text}");
}

/// So a scheduler that waits for it waits for ever, and says so.
// F7
#[test]
fn who_waits_for_a_task_that_nobody_can_wake_is_in_a_deadlock() {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let task = scheduler.enter(|| {
        go!({
            let c = chan::<u32>();
            let mut budget_used_up = std::pin::pin!(async {
                loop {
                    c.try_put(1).ok();
                    c.take().await;
                }
            });
            std::future::poll_fn(|_| {
                let mut cx = Context::from_waker(Waker::noop());
                budget_used_up.as_mut().poll(&mut cx)
            })
            .await
        })
    });
    let waits = std::panic::AssertUnwindSafe(|| scheduler.block_on(task));
    let panic = std::panic::catch_unwind(waits).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("for nothing that is known"), "{message}");
}

#[test]
fn a_task_that_parks_elsewhere_is_not_shown_where_it_was() {
    let (first, second) = (chan::fixed::<u32>(1), chan::fixed::<u32>(1));
    let scheduler = Scheduler::virtual_time();
    scheduler.enter(|| {
        go!(|first, second| {
            take!(first);
            sleep!(1s);
            take!(second);
        })
    });
    let mut texts = Vec::new();
    let mut look = || {
        scheduler.run_until_parked();
        texts.push(place(only(&scheduler.snapshot())).text.clone());
    };
    look();
    first.try_put(1).unwrap();
    look();
    scheduler.advance(Duration::from_secs(1));
    look();
    assert_eq!(texts, ["take!(first)", "sleep!(1s)", "take!(second)"]);
}

#[test]
fn a_foreign_future_is_called_that() {
    let (_scheduler, snapshot) = parked(|| {
        go!({ std::future::pending::<()>().await });
    });
    assert_eq!(place(only(&snapshot)).waits_for, WaitsFor::Foreign);
}

#[test]
fn since_is_told_by_the_schedulers_clock() {
    let (never, scheduler) = (chan::fixed::<u32>(1), Scheduler::virtual_time());
    scheduler.enter(|| go!(|never| { take!(never) }));
    scheduler.run_until_parked();
    scheduler.advance(Duration::from_secs(90));
    let snapshot = scheduler.snapshot();
    let since = only(&snapshot).since.unwrap();
    assert!((89..=91).contains(&since.as_secs()), "{since:?}");
}

#[test]
fn a_channel_shows_what_it_counted() {
    let line = line!() + 1;
    let log = chan::sliding(2).named("log");
    let (_scheduler, snapshot) = parked(|| {
        go!(|log| {
            for n in 0..5 {
                put!(log, n).unwrap();
            }
            take!(log);
            log.put(5).await.unwrap();
            let (putter, taker) = log.clone().split();
            put!(chan::fixed(1), (putter, taker)).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let mut channels = snapshot.channels.iter();
    let found = channels.find(|channel| channel.name.as_deref() == Some("log"));
    // It was made outside of the scheduler, and nobody waits: only the whole program shows it.
    assert!(found.is_none());
    let snapshot = async_dsl::inspect::snapshot();
    let mut channels = snapshot.channels.iter();
    let channel = channels
        .find(|channel| channel.name.as_deref() == Some("log") && channel.made_at.file == file!())
        .unwrap();
    assert_eq!(channel.made_at.line, line);
    assert_eq!(channel.kind, Some(chan::Kind::Sliding));
    assert_eq!((channel.len, channel.capacity), (2, Some(2)));
    assert_eq!((channel.puts, channel.takes, channel.discarded), (6, 1, 3));
    assert_eq!(channel.high_water, 2);
    assert_eq!((channel.putters, channel.takers), (2, 2));
    assert!(!channel.closed && !channel.is_busy);
}

#[test]
fn a_channel_shows_who_used_it_first_and_who_last_also_of_those_that_have_ended() {
    let scheduler = Scheduler::manual();
    let started = line!() + 4;
    let numbers = scheduler.enter(|| {
        let numbers = chan().named("numbers");
        for n in 0..2000 {
            go!(|numbers| put!(numbers, n).unwrap());
        }
        go!(name = "taker", |numbers| {
            while let Some(n) = take!(numbers) {
                std::hint::black_box(n);
            }
        });
        numbers
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let [channel] = snapshot.channels.as_slice() else {
        panic!("one channel, not {:?}", snapshot.channels)
    };
    let taker = only(&snapshot).number;
    let users = channel.used_by.iter();
    let putters: Vec<_> = users.filter(|user| user.puts > 0).collect();
    assert!(putters.iter().all(|user| user.started_at.line == started));
    let numbered: Vec<_> = putters.iter().filter_map(|user| user.task).collect();
    assert_eq!(numbered[..4], [1, 2, 3, 4]);
    assert_eq!(numbered.last(), Some(&2000));
    // One in 256 of the others.
    assert_eq!(numbered.len(), 4 + 2000 / 256 + 1);
    assert_eq!(channel.last_put_by, Some(2000));
    assert_eq!(channel.last_taken_by, Some(taker));
    drop(numbers);
}

#[test]
fn the_longest_wait_is_kept_after_it_is_over() {
    let (slow, scheduler) = (chan::fixed::<u32>(0), Scheduler::virtual_time());
    scheduler.enter(|| {
        go!(|slow| { take!(slow) });
        go!(|slow| {
            sleep!(3s);
            put!(slow, 1).unwrap();
            sleep!(1h);
        });
    });
    scheduler.run_until_parked();
    scheduler.advance(Duration::from_secs(10));
    let snapshot = async_dsl::inspect::snapshot();
    let mut channels = snapshot.channels.iter();
    let line = line_with("let (slow, scheduler)");
    let channel =
        channels.find(|channel| channel.made_at.line == line && channel.made_at.file == file!());
    let waited = channel.unwrap().longest_wait;
    assert!((2900..3200).contains(&waited.as_millis()), "{waited:?}");
}

#[test]
fn agents_are_shown_with_queue_state_and_error() {
    on_failure(|_| ());
    let scheduler = Scheduler::manual();
    scheduler.enter(|| {
        let idle = agent(0).named("idle");
        let busy = agent(0).named("busy");
        let failed = agent(0).named("failed");
        for _ in 0..3 {
            busy.send(|_| std::future::pending()).unwrap();
        }
        failed
            .send_fallible(|_| async { Err::<u32, _>("no luck") })
            .unwrap();
        scheduler.run_until_parked();
        let snapshot = scheduler.snapshot();
        let seen: Vec<_> = snapshot
            .agents
            .iter()
            .map(|agent| (agent.name.as_deref().unwrap(), agent.state, agent.queued))
            .collect();
        assert_eq!(
            seen,
            [
                ("idle", AgentState::Idle, 0),
                ("busy", AgentState::Running, 2),
                ("failed", AgentState::Failed, 0),
            ]
        );
        assert!(
            snapshot.agents[2]
                .error
                .as_ref()
                .unwrap()
                .contains("no luck")
        );
        drop(idle);
    });
}

#[test]
fn a_thread_in_block_on_is_shown_where_it_waits() {
    let scheduler = Scheduler::manual();
    let gone = chan::fixed::<Snapshot>(0);
    scheduler.enter(|| {
        go!(|gone| { put!(gone, async_dsl::inspect::snapshot()) });
    });
    // The task looks while this waits.
    let snapshot = scheduler
        .block_on(async_block!(|gone| { take!(gone) }))
        .unwrap();
    let [blocked] = snapshot.blocked.as_slice() else {
        panic!("one thread, not {:?}", snapshot.blocked)
    };
    assert_eq!(
        blocked.called_at.line,
        line_with(".block_on(async_block!(|gone|")
    );
    assert_eq!(blocked.parked[0].text, "take!(gone)");
    assert!(scheduler.snapshot().blocked.is_empty());
}

#[test]
fn a_dropped_channel_is_gone() {
    let here = line!() + 1;
    let gone = chan::fixed::<u32>(1).named("a_dropped_channel_is_gone");
    drop(gone);
    let snapshot = async_dsl::inspect::snapshot();
    let channels = snapshot.channels.iter();
    assert_eq!(
        channels
            .filter(|channel| channel.made_at.line == here && channel.made_at.file == file!())
            .count(),
        0
    );
}

#[test]
fn what_lost_earlier_in_a_poll_is_not_waited_for() {
    let (full, empty) = (chan::fixed(1), chan::fixed::<u32>(0));
    let (_scheduler, snapshot) = parked(|| {
        go!(|full, empty| {
            // The timer is looked at, and loses at once.
            alt! {
                biased;
                sleep!(5s) => {}
                sent = put!(full, 1) => sent.unwrap(),
            }
            empty.take().await
        });
        go!(|empty| {
            timeout!(0s, { sleep!(5s) }).ok();
            take!(empty)
        });
    });
    for task in &snapshot.tasks {
        let place = place(task);
        assert!(matches!(place.waits_for, WaitsFor::Take(_)), "{place:?}");
    }
    assert_eq!(snapshot.tasks.len(), 2);
}
