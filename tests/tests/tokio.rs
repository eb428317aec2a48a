//! What needs a tokio runtime, in tasks of ours. A runtime is entered wherever futures are polled and dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_dsl::compat::in_tokio;
use async_dsl::prelude::*;
use async_dsl::scheduler::{self, Scheduler};
use futures_lite::future::block_on as block_on_elsewhere;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Handle, Runtime};

const LONG: Duration = Duration::from_secs(3600);

/// The runtime of the global scheduler, and of all the tests.
fn runtime() -> Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let start = || {
        let runtime = Runtime::new().unwrap();
        scheduler::set_tokio(runtime.handle().clone());
        runtime
    };
    RUNTIME.get_or_init(start).handle().clone()
}

fn is_inside() -> bool {
    Handle::try_current().is_ok()
}

/// Says whether it was dropped in a runtime, as `tokio::time::Sleep` and sockets must be.
struct Dropped(Putter<bool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.try_put(is_inside()).ok();
    }
}

fn dropped() -> (Dropped, Taker<bool>) {
    let (putter, taker) = chan::fixed(1).split();
    (Dropped(putter), taker)
}

#[test]
fn timers_and_sockets_of_tokio_work_in_tasks() {
    runtime();
    async_dsl::block_on(async_block!({
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let echo = go!({
            let (mut conn, _) = listener.accept().await.unwrap();
            let mut bytes = [0; 4];
            conn.read_exact(&mut bytes).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
            conn.write_all(&bytes).await.unwrap();
        });
        let mut conn = TcpStream::connect(address).await.unwrap();
        conn.write_all(b"ping").await.unwrap();
        let mut text = String::new();
        conn.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "ping");
        echo.await;
    }));
}

#[test]
fn tasks_of_tokio_and_ours_await_each_other() {
    runtime();
    let sum = go!({
        let theirs = tokio::spawn(async {
            let ours = go!({ 20 });
            ours.await + 1
        });
        theirs.await.unwrap() * 2
    });
    assert_eq!(async_dsl::block_on(sum), 42);
}

#[test]
fn closures_of_threads_are_inside() {
    runtime();
    assert!(async_dsl::block_on(thread!({ is_inside() })));
}

#[test]
fn a_task_that_waits_for_tokio_is_cancelled_and_dropped_inside() {
    runtime();
    let (guard, is_dropped) = dropped();
    let (parks, parked) = promise();
    let task = go!({
        let _guard = guard;
        let mut sleep = pin!(tokio::time::sleep(LONG));
        let _ = futures_lite::future::poll_once(&mut sleep).await;
        parks.deliver(());
        sleep.await;
    });
    let cancelled = async_dsl::block_on(async {
        parked.await.unwrap();
        task.cancel().await
    });
    assert!(cancelled.is_none());
    assert_eq!(is_dropped.take_blocking(), Some(true));
}

#[test]
fn a_task_that_panics_is_dropped_inside() {
    runtime();
    let (guard, is_dropped) = dropped();
    let task = go!({
        let _guard = guard;
        let sleep = tokio::time::sleep(Duration::from_millis(1));
        sleep.await;
        panic!("no luck");
    });
    let outcome = async_dsl::block_on(task.outcome());
    assert!(outcome.unwrap_err().to_string().contains("no luck"));
    assert_eq!(is_dropped.take_blocking(), Some(true));
}

#[test]
fn the_future_of_a_block_on_is_dropped_inside() {
    runtime();
    let (guard, is_dropped) = dropped();
    async_dsl::block_on(async move {
        let _guard = guard;
    });
    assert_eq!(is_dropped.take_blocking(), Some(true));
}

fn manual() -> Scheduler {
    Scheduler::manual().with_tokio(runtime())
}

#[test]
fn a_manual_scheduler_has_a_runtime_of_its_own() {
    let scheduler = manual();
    let slept = scheduler.block_on(async_block!({
        let task = go!({
            tokio::time::sleep(Duration::from_millis(1)).await;
            is_inside()
        });
        task.await && is_inside()
    }));
    assert!(slept);
    assert!(scheduler.enter(is_inside));
    assert!(!is_inside(), "only meanwhile");
    let turn = scheduler.spawn(async { is_inside() });
    assert_eq!(scheduler.run_once(), 1);
    assert!(scheduler.block_on(turn));
}

#[test]
fn a_scheduler_without_one_enters_none() {
    runtime();
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async { is_inside() });
    assert!(!scheduler.block_on(task));
}

#[test]
fn what_a_scheduler_drops_at_its_end_is_dropped_inside() {
    let ends: [fn(Scheduler); 2] = [drop, |scheduler| {
        scheduler.shutdown(Duration::ZERO);
    }];
    for end in ends {
        let scheduler = manual();
        let (guard, is_dropped) = dropped();
        scheduler.spawn(async move {
            let _guard = guard;
            tokio::time::sleep(LONG).await;
        });
        assert_eq!(scheduler.run_until_parked(), 1);
        end(scheduler);
        assert_eq!(is_dropped.take_blocking(), Some(true));
    }
}

#[test]
fn what_a_scheduler_refuses_is_dropped_inside() {
    let scheduler = manual();
    scheduler.shutdown(Duration::ZERO);
    let (guard, is_dropped) = dropped();
    scheduler.spawn(async move {
        let _guard = guard;
    });
    assert_eq!(is_dropped.take_blocking(), Some(true));
}

#[test]
fn one_future_has_a_runtime_on_any_thread() {
    let slept = in_tokio(async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        is_inside()
    });
    assert!(block_on_elsewhere(slept));
    assert!(!is_inside());
    let scheduler = Scheduler::manual();
    let slept = scheduler.spawn(in_tokio(async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        is_inside()
    }));
    assert!(scheduler.block_on(slept));
}

#[test]
fn one_future_has_the_runtime_of_its_thread() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let same = in_tokio(async { Handle::current().id() });
    assert_eq!(block_on_elsewhere(same), runtime.id());
}

#[test]
fn one_future_is_dropped_inside_wherever_it_is_dropped() {
    let (guard, is_dropped) = dropped();
    let mut sleeps = Box::pin(in_tokio(async move {
        let _guard = guard;
        tokio::time::sleep(LONG).await;
    }));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(sleeps.as_mut().poll(&mut cx), Poll::Pending);
    drop(sleeps);
    assert_eq!(is_dropped.take_blocking(), Some(true));
}

#[test]
fn a_panic_of_one_future_goes_on_and_leaves_the_runtime() {
    let panics = AssertUnwindSafe(|| block_on_elsewhere(in_tokio(async { panic!("no luck") })));
    let panic: Result<(), _> = catch_unwind(panics);
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"no luck"));
    assert!(!is_inside());
}

#[test]
fn an_arm_that_loses_is_dropped_inside() {
    let (guard, is_dropped) = dropped();
    let scheduler = Scheduler::manual();
    scheduler.block_on(async_block!({
        let sleeps = in_tokio(async move {
            let _guard = guard;
            tokio::time::sleep(LONG).await;
        });
        let ready = chan::fixed(1);
        put!(ready, ()).unwrap();
        alt! {
            biased;
            () = await!(cancel_safe(sleeps)) => unreachable!(),
            _ = take!(ready) => {}
        }
    }));
    assert_eq!(is_dropped.take_blocking(), Some(true));
}

#[test]
#[should_panic(expected = "a simulated scheduler cannot have a tokio runtime")]
fn a_simulated_scheduler_has_none() {
    let _ = Scheduler::simulated(0).with_tokio(runtime());
}

#[test]
#[should_panic(expected = "is set by `scheduler::set_tokio`")]
fn the_global_scheduler_has_a_function_of_its_own() {
    let _ = Scheduler::global().with_tokio(runtime());
}

#[test]
#[should_panic(expected = "can't be set any more")]
fn a_runtime_is_set_once() {
    scheduler::set_tokio(runtime());
}
