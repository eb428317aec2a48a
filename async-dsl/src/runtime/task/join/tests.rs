//! Waiting for tasks, and cancelling them, on real schedulers.

use std::future::poll_fn;
use std::sync::mpsc;

use super::*;
use crate::runtime::task::Task;
use crate::runtime::task::error::TaskError;
use crate::runtime::wake::counting::counting;
use crate::scheduler::Scheduler;

#[test]
fn a_waiter_by_reference_is_told_of_a_canceller_made_later() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(std::future::pending::<()>());
    scheduler.run_once();
    let (count, waker) = counting();
    let mut cx = Context::from_waker(&waker);
    assert!(task.poll_join(&mut cx).is_pending());
    task.canceller().cancel();
    assert!(task.poll_join(&mut cx).is_pending());
    scheduler.run_once(); // drops the future
    assert_eq!(count.woken(), 1);
    let polled = task.poll_join(&mut cx);
    assert!(matches!(
        polled,
        Poll::Ready(Err(TaskError::Cancelled { .. }))
    ));
}

#[test]
fn polled_again_it_names_its_line() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async { 42 });
    scheduler.run_once();
    let line = task.started_at().to_string();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(task.poll_join(&mut cx), Poll::Ready(Ok(42))));
    let again = std::panic::AssertUnwindSafe(|| task.poll_join(&mut cx));
    let panic = std::panic::catch_unwind(again).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains(&line));
}

/// Every interleaving of a poll by reference, cancellers and the end of the task comes to an end.
#[test]
fn cancellers_race_with_a_waiter_by_reference() {
    let (sender, ended) = mpsc::channel();
    for round in 0..2000_usize {
        let task = Arc::new(crate::runtime::spawn::spawn(
            async move {
                for _ in 0..round % 7 {
                    let mut first = true;
                    poll_fn(|cx| {
                        cx.waker().wake_by_ref();
                        if std::mem::take(&mut first) {
                            Poll::Pending
                        } else {
                            Poll::Ready(())
                        }
                    })
                    .await;
                }
                round
            },
            std::panic::Location::caller(),
        ));
        let waiter: Arc<Task<usize>> = Arc::clone(&task);
        let sender = sender.clone();
        drop(crate::runtime::spawn::spawn(
            async move {
                let outcome = poll_fn(|cx| waiter.poll_join(cx)).await;
                sender.send(outcome.map_or(round, |value| value)).unwrap();
            },
            std::panic::Location::caller(),
        ));
        let canceller = task.canceller();
        let other = std::thread::spawn({
            let canceller = canceller.clone();
            move || canceller.cancel()
        });
        canceller.cancel();
        assert_eq!(ended.recv().unwrap(), round);
        other.join().unwrap();
    }
}

#[test]
fn a_waker_that_panics_harms_no_task_that_is_awaited_with_it() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            std::panic::resume_unwind(Box::new("from the waker"));
        }
    }
    let scheduler = Scheduler::manual();
    let mut task = scheduler.spawn(async { 1 });
    let waker = Waker::from(Arc::new(Bomb));
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut task).poll(&mut cx).is_pending());
    assert_eq!(scheduler.run_once(), 1);
    assert_eq!(Pin::new(&mut task).poll(&mut cx), Poll::Ready(1));
}
