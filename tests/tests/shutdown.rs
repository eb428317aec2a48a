//! The end of the global scheduler: one test, since there is one such scheduler in a process.

use std::future::pending;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use async_dsl::scheduler::{Scheduler, Shutdown, set_workers};
use async_dsl::task::TaskError;
use async_dsl::time::sleep;

#[test]
fn the_global_scheduler_ends_in_order() {
    set_workers(2);
    let global = Scheduler::global();
    let (release, released) = mpsc::channel::<()>();
    let (running, runs) = mpsc::channel();
    let stuck = global.spawn(async move {
        running.send(()).unwrap();
        released.recv().ok(); // blocks its worker
        pending::<()>().await;
    });
    runs.recv().unwrap();
    let quick = global.spawn(async { sleep(Duration::from_millis(5)).await });
    let parked: Vec<_> = (0..100).map(|_| global.spawn(pending::<()>())).collect();
    let awaiter = std::thread::spawn(move || {
        let cancelled = |outcome| matches!(outcome, Err(TaskError::Cancelled { .. }));
        parked
            .into_iter()
            .all(|task| cancelled(async_dsl::block_on(task.outcome())))
    });

    let before = Instant::now();
    let ended = global.shutdown(Duration::from_millis(300));
    assert!(before.elapsed() < Duration::from_secs(60));
    assert_eq!((ended.finished, ended.cancelled), (1, 100));
    assert_eq!(ended.stuck, [stuck.started_at()]);
    assert!(async_dsl::block_on(quick.outcome()).is_ok());
    assert!(awaiter.join().unwrap());

    let late = global.spawn(async { 42 });
    assert!(matches!(
        async_dsl::block_on(late.outcome()),
        Err(TaskError::Cancelled { .. })
    ));

    // The stuck one is dropped where it parks.
    release.send(()).unwrap();
    assert!(matches!(
        async_dsl::block_on(stuck.outcome()),
        Err(TaskError::Cancelled { .. })
    ));
    assert_eq!(global.task_count(), 0);
    assert_eq!(
        global.shutdown(Duration::from_secs(60)),
        Shutdown::default()
    );
}
