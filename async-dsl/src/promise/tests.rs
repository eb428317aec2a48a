//! Tests that need the inside of the module: waiters, wakers and where user code runs.

use std::future::poll_fn;
use std::task::{Wake, Waker};

use super::*;
use crate::runtime::wake::counting::counting;

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_dropped_wait_leaves_no_waiter() {
    let (_resolver, mine) = promise::<u32>();
    let (_, waker) = counting();
    let mut waits = [mine.wait(), mine.wait()];
    for wait in &mut waits {
        assert!(poll(wait, &waker).is_pending());
    }
    assert_eq!(mine.shared.waiters(), 2);
    drop(waits);
    assert_eq!(mine.shared.waiters(), 0);
}

#[test]
fn a_dropped_clone_leaves_no_waiter() {
    let (_resolver, mine) = promise::<u32>();
    let (_, waker) = counting();
    let mut yours = mine.clone();
    assert!(poll(&mut yours, &waker).is_pending());
    assert_eq!(mine.shared.waiters(), 1);
    drop(yours);
    assert_eq!(mine.shared.waiters(), 0);
}

#[test]
fn a_waker_is_kept_while_it_would_wake_the_same_task() {
    let (_resolver, mut promise) = promise::<u32>();
    let (counter, waker) = counting();
    for _ in 0..10 {
        assert!(poll(&mut promise, &waker).is_pending());
    }
    assert_eq!(promise.shared.waiters(), 1);
    // The counter, the waker and its one copy.
    assert_eq!(Arc::strong_count(&counter), 3);
}

#[test]
fn another_waker_takes_the_place_of_the_first() {
    let (resolver, mut promise) = promise::<u32>();
    let (first, first_waker) = counting();
    let (second, second_waker) = counting();
    assert!(poll(&mut promise, &first_waker).is_pending());
    assert!(poll(&mut promise, &second_waker).is_pending());
    resolver.deliver(1);
    assert_eq!(first.woken(), 0);
    assert_eq!(second.woken(), 1);
}

#[test]
fn every_waiter_is_woken_even_if_a_waker_panics() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            panic!("from the waker");
        }
    }
    let (resolver, promise) = promise::<u32>();
    let (counter, waker) = counting();
    let mut first = promise.wait();
    let mut second = promise.wait();
    assert!(poll(&mut first, &Waker::from(Arc::new(Bomb))).is_pending());
    assert!(poll(&mut second, &waker).is_pending());
    // The waker's panic is no concern of whoever delivers.
    resolver.deliver(1);
    assert_eq!(counter.woken(), 1);
    assert!(matches!(poll(&mut second, &waker), Poll::Ready(Ok(1))));
}

/// A value and a waker that use the promise they belong to whenever they are cloned or dropped: each of these would
/// deadlock under the promise's lock.
#[test]
fn user_code_never_runs_under_the_lock() {
    #[derive(Debug)]
    struct Meddler(Option<Promise<Meddler>>);
    impl Meddler {
        fn meddle(&self) {
            if let Some(promise) = &self.0 {
                promise.is_delivered();
            }
        }
    }
    impl Clone for Meddler {
        fn clone(&self) -> Self {
            self.meddle();
            Self(self.0.clone())
        }
    }
    impl Drop for Meddler {
        fn drop(&mut self) {
            self.meddle();
        }
    }
    struct MeddlingWaker(Promise<Meddler>);
    impl Wake for MeddlingWaker {
        fn wake(self: Arc<Self>) {
            self.0.is_delivered();
        }
    }
    impl Drop for MeddlingWaker {
        fn drop(&mut self) {
            self.0.is_delivered();
        }
    }

    let (resolver, promise) = promise::<Meddler>();
    let shared = resolver.share();
    let mut wait = promise.wait();
    for _ in 0..2 {
        let waker = Waker::from(Arc::new(MeddlingWaker(promise.clone())));
        assert!(poll(&mut wait, &waker).is_pending());
    }
    drop(wait);
    let mut yours = promise.clone();
    let waker = Waker::from(Arc::new(MeddlingWaker(promise.clone())));
    assert!(poll(&mut yours, &waker).is_pending());
    assert!(shared.deliver(Meddler(Some(promise.clone()))));
    assert!(!shared.deliver(Meddler(Some(promise.clone()))));
    let copy = yours.wait_blocking().unwrap();
    drop(promise);
    drop(copy);
}

#[test]
fn a_value_nobody_can_read_is_dropped_at_once() {
    let token = Arc::new(());
    let (resolver, mine) = promise();
    let resolver = resolver.share();
    drop(mine);
    assert!(resolver.deliver(Arc::clone(&token)));
    assert_eq!(Arc::strong_count(&token), 1);

    let (resolver, mine) = promise();
    let resolver = resolver.share();
    assert!(resolver.deliver(Arc::clone(&token)));
    assert_eq!(Arc::strong_count(&token), 2);
    drop(mine);
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn an_uncloned_promise_moves_its_value_out() {
    struct NotClone;
    let (resolver, promise) = promise();
    resolver.deliver(NotClone);
    let mut wait = promise.wait();
    let NotClone =
        futures_lite::future::block_on(poll_fn(|cx| Pin::new(&mut wait).poll(cx))).unwrap();
    assert!(promise.is_delivered());
}

#[test]
fn a_promise_is_send_if_its_value_is() {
    fn send<T: Send>(_: &T) {}
    fn sync<T: Sync>(_: &T) {}
    let (resolver, promise) = promise::<std::cell::Cell<u32>>();
    send(&resolver);
    sync(&resolver);
    send(&promise);
    sync(&promise);
    send(&promise.wait());
    drop(resolver.share());
}
