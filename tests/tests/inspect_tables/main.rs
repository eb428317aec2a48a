//! Tables that a crate brings for things of its own: remote channels, say. In a process of its own, because it shows numbers that
//! all things of a process share.

mod remote;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};

use async_dsl::chan::{Putter, Taker};
use async_dsl::inspect::{At, Listing, Row, Show, Snapshot, Table, WaitsFor};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl_tests::parked;
use expect_test::expect;

use remote::{Remotely, broker, remote};

/// The tests list things in one table: one at a time, or their numbers vary.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The confirmation of a put, which never comes.
struct Confirmed<'a>(&'a Listing, At);

impl Future for Confirmed<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0.parks(self.1);
        Poll::Pending
    }
}

fn one_at_a_time() -> std::sync::MutexGuard<'static, ()> {
    ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What stands below the first line with this text.
fn from_line(text: &str, snapshot: &Snapshot) -> String {
    let dump = format!("{snapshot:200}");
    let lines = dump.lines().skip_while(|line| !line.contains(text));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_thing_has_a_row_below_the_heading_of_its_whole() {
    let _guard = one_at_a_time();
    let mut kept = None;
    let (_scheduler, snapshot) = parked(|| {
        let broker = broker();
        let jobs = remote("jobs", Some(&broker), false);
        let done = remote("done", Some(&broker), false);
        jobs.put.store(9120, Ordering::Relaxed);
        kept = Some((broker, jobs, done));
    });
    let shown = from_line("remote", &snapshot);
    // The numbers depend on which test was first.
    let (_, jobs, done) = kept.as_ref().unwrap();
    let shown = shown
        .replace(&format!("{} jobs", jobs.listing.id().number), "A jobs")
        .replace(&format!("{} done", done.listing.id().number), "B done");
    expect![[r"
        2 remote channels of amqp://jobs@broker.example (connected 3min)
          channel  kind    put   taken  state
          A jobs   quorum  9120  –      sending
          B done   quorum  0     –      sending"]]
    .assert_eq(&shown);
}

#[test]
fn a_whole_without_parts_has_a_row_itself() {
    let _guard = one_at_a_time();
    let mut kept = None;
    let (_scheduler, snapshot) = parked(|| kept = Some(broker()));
    let shown = from_line("broker", &snapshot);
    assert!(shown.starts_with("1 broker\n"), "{shown}");
    assert!(shown.contains("connected"), "{shown}");
}

#[test]
fn what_is_parked_on_its_channel_is_parked_for_the_thing() {
    let _guard = one_at_a_time();
    let mut kept = None;
    let (_scheduler, snapshot) = parked(|| {
        let jobs = remote("jobs", None, false);
        jobs.local.try_put(1).unwrap();
        let queue = Arc::new(Remotely(Arc::clone(&jobs)));
        kept = Some(jobs);
        go!(name = "puts", {
            alt! {
                sent = put!(*queue, 2) => sent.unwrap(),
                sleep!(1h) => {}
            }
        });
    });
    let jobs = kept.unwrap();
    let [put, timer] = &snapshot.tasks[0].parked[..] else {
        panic!("{:?}", snapshot.tasks)
    };
    assert_eq!(put.text, "put!(*queue, 2)");
    assert_eq!(put.waits_for, WaitsFor::Row(jobs.listing.id()));
    assert_eq!(timer.waits_for, WaitsFor::Time);
    let dump = format!("{snapshot:160}");
    assert!(dump.contains("jobs (remote): 256 in flight"), "{dump}");
    assert!(!dump.contains("window"), "{dump}");
    let channel = &snapshot.channels[0];
    assert_eq!(channel.shown_by, Some(jobs.listing.id()));
}

#[test]
fn a_future_says_for_which_thing_it_parks() {
    let _guard = one_at_a_time();
    let mut kept = None;
    let (_scheduler, snapshot) = parked(|| {
        let jobs = remote("jobs", None, false);
        kept = Some(Arc::clone(&jobs));
        go!({ Confirmed(&jobs.listing, At::caller()).await });
    });
    let place = &snapshot.tasks[0].parked[0];
    assert_eq!(place.place.map(|place| place.file), Some(file!()));
    let id = kept.unwrap().listing.id();
    assert_eq!(place.waits_for, WaitsFor::Row(id));
    assert_eq!(snapshot.row(id).unwrap().name.as_deref(), Some("jobs"));
}

#[test]
fn its_edges_are_in_the_graph() {
    let _guard = one_at_a_time();
    static BRIDGES: Table = Table::new("bridge", &[]);
    struct Bridge {
        from: Taker<u32>,
        to: Putter<u32>,
        work: Mutex<Option<Task<()>>>,
        _listing: Listing,
    }
    impl Show for Bridge {
        fn show(&self) -> Option<Row> {
            let row = Row::new()
                .made_at(At::caller())
                .takes_from(self.from.number())
                .puts_into(self.to.number());
            let work = self.work.try_lock().ok()?;
            Some(match &*work {
                Some(task) => row.run_by(task.number()),
                None => row,
            })
        }
    }
    let mut kept = None;
    let (_scheduler, snapshot) = parked(|| {
        let (putter, from) = chan::fixed(1).named("input").split();
        let (to, taker) = chan::fixed(1).named("output").split();
        let bridge = Arc::new_cyclic(|bridge: &Weak<Bridge>| Bridge {
            from: from.clone(),
            to,
            work: Mutex::new(None),
            _listing: BRIDGES.list(bridge.clone()),
        });
        let work = go!(name = "the work", {
            let _ = take!(from);
        });
        *bridge.work.lock().unwrap() = Some(work);
        let queue = Remotely(remote("jobs", None, false));
        let jobs = Arc::clone(&queue.0);
        let waits = go!(name = "waits", {
            let _ = take!(queue);
        });
        kept = Some((bridge, putter, taker, jobs, waits));
    });
    let dot = snapshot.graph().to_dot();
    let node = |text: &str| {
        let mut lines = dot.lines();
        let line = lines.find(|line| line.contains(text) && line.contains("shape"));
        let line = line.unwrap_or_else(|| panic!("no {text} in {dot}"));
        line.trim().split(' ').next().unwrap().to_owned()
    };
    let edge = |from: &str, to: &str| format!("{} -> {} ", node(from), node(to));
    assert!(dot.contains(&edge("input", "bridge")), "{dot}");
    assert!(dot.contains(&edge("bridge", "output")), "{dot}");
    // The task that does its work is the same node, and so is the channel that a thing stands for.
    assert!(
        !dot.contains("the work") && !dot.contains("window"),
        "{dot}"
    );
    let waits = format!(
        "{}[color=\"#2471a3\", label=\"waits\"]",
        edge("jobs", "waits")
    );
    assert!(dot.contains(&waits), "{dot}");
    let dump = from_line("1 bridge", &snapshot);
    assert!(
        dump.contains("takes from") && dump.contains("puts into"),
        "{dump}"
    );
    assert!(
        dump.contains(" input ") && dump.contains(" output "),
        "{dump}"
    );
    assert!(dump.contains("made at"), "{dump}");
}

#[test]
fn a_thing_that_is_dropped_leaves_its_table() {
    let _guard = one_at_a_time();
    let scheduler = Scheduler::manual();
    let jobs = scheduler.enter(|| remote("jobs", None, false));
    let rows = || {
        let snapshot = scheduler.snapshot();
        snapshot
            .tables
            .iter()
            .map(|table| table.rows.len())
            .sum::<usize>()
    };
    assert_eq!(rows(), 1);
    drop(jobs);
    assert_eq!(rows(), 0);
}

#[test]
fn a_listing_that_is_dropped_leaves_its_table() {
    let _guard = one_at_a_time();
    struct Nothing;
    impl Show for Nothing {
        fn show(&self) -> Option<Row> {
            Some(Row::new())
        }
    }
    static NOTHINGS: Table = Table::new("nothing", &[]).plural("nothing at all");
    let scheduler = Scheduler::manual();
    let thing = Arc::new(Nothing);
    let listings = scheduler.enter(|| [(); 2].map(|()| NOTHINGS.list(Arc::downgrade(&thing))));
    assert!(
        scheduler
            .snapshot()
            .to_string()
            .contains("2 nothing at all")
    );
    drop(listings);
    assert!(!scheduler.snapshot().to_string().contains("nothing"));
}

#[test]
fn it_is_looked_at_for_a_dump_only() {
    let _guard = one_at_a_time();
    let scheduler = Scheduler::manual();
    let jobs = scheduler.enter(|| remote("jobs", None, false));
    scheduler.block_on(async_block!({
        for n in 0..10 {
            put!(jobs.local, n).unwrap();
            assert_eq!(take!(jobs.local), Some(n));
        }
        assert_eq!(jobs.shown.load(Ordering::Relaxed), 0);
        jobs
    }));
}

#[test]
fn one_that_cannot_be_read_is_busy_and_one_that_panics_is_survived() {
    let _guard = one_at_a_time();
    let scheduler = Scheduler::manual();
    let jobs = scheduler.enter(|| remote("jobs", None, false));
    jobs.is_locked.store(true, Ordering::Relaxed);
    assert!(scheduler.snapshot().to_string().contains("  busy"));
    jobs.panics.store(true, Ordering::Relaxed);
    let dump = scheduler.snapshot().to_string();
    assert!(dump.contains("panicked as it was read"), "{dump}");
    jobs.panics.store(false, Ordering::Relaxed);
    jobs.is_locked.store(false, Ordering::Relaxed);
    assert!(scheduler.snapshot().to_string().contains("quorum"));
}

#[test]
fn the_things_of_another_scheduler_are_not_shown() {
    let _guard = one_at_a_time();
    let (one, other) = (Scheduler::manual(), Scheduler::manual());
    let jobs = one.enter(|| remote("jobs", None, false));
    assert!(one.snapshot().row(jobs.listing.id()).is_some());
    assert!(other.snapshot().row(jobs.listing.id()).is_none());
    // Unless a task of it waits for one.
    let queue = Remotely(jobs);
    let id = queue.0.listing.id();
    let _task = other.enter(|| {
        go!({
            let _ = take!(queue);
        })
    });
    other.run_until_parked();
    assert!(other.snapshot().row(id).is_some());
}

#[test]
fn a_wait_that_may_be_ended_from_outside_is_no_deadlock() {
    let _guard = one_at_a_time();
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let jobs = scheduler.enter(|| remote("jobs", None, false));
    let queue = Remotely(Arc::clone(&jobs));
    let network = std::thread::spawn(move || {
        while jobs.shown.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now(); // until it was judged
        }
        jobs.local.try_put(7).unwrap();
    });
    let taken = scheduler.block_on(async_block!({ take!(queue) }));
    network.join().unwrap();
    assert_eq!(taken, Some(7));
}

#[test]
fn a_wait_that_only_tasks_can_end_is_a_deadlock_that_names_the_thing() {
    let _guard = one_at_a_time();
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let queue = scheduler.enter(|| Remotely(remote("jobs", None, true)));
    let run = || scheduler.block_on(async_block!({ take!(queue) }));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
    let report = panic.downcast::<String>().unwrap();
    assert!(
        report.contains("for jobs (remote): 256 in flight"),
        "{report}"
    );
}
