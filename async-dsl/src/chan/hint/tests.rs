use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use futures_lite::future::poll_once;

use crate::chan::shared::SECTIONS;
use crate::chan::{self, Buffer, Chan};

/// What the hint says of a channel: (to takes, to puts).
fn says<T>(c: &Chan<T>) -> (bool, bool) {
    (c.shared.may_take(), c.shared.may_put())
}

const BOTH: (bool, bool) = (true, true);
const TAKE: (bool, bool) = (true, false);
const PUT: (bool, bool) = (false, true);
const NONE: (bool, bool) = (false, false);

#[test]
fn it_says_what_can_be_done() {
    let c = chan::fixed(1);
    assert_eq!(says(&c), PUT);
    c.try_put(1).unwrap();
    assert_eq!(says(&c), TAKE);
    c.try_take().unwrap();
    assert_eq!(says(&c), PUT);
    c.close();
    assert_eq!(says(&c), BOTH);

    let c = chan::chan();
    assert_eq!(says(&c), PUT);
    c.try_put(1).unwrap();
    assert_eq!(says(&c), BOTH);

    for c in [chan::dropping(1), chan::sliding(1)] {
        assert_eq!(says(&c), PUT);
        c.try_put(1).unwrap();
        assert_eq!(says(&c), BOTH);
    }
}

#[test]
fn a_partner_in_line_counts() {
    let c = chan::fixed(0);
    assert_eq!(says(&c), NONE);
    futures_lite::future::block_on(async {
        {
            let mut take = pin!(c.take());
            assert!(poll_once(&mut take).await.is_none());
            assert_eq!(says(&c), PUT);
        }
        assert_eq!(says(&c), NONE);
        {
            let mut put = pin!(c.put(1));
            assert!(poll_once(&mut put).await.is_none());
            assert_eq!(says(&c), TAKE);
        }
        assert_eq!(says(&c), NONE);
        {
            let mut reserve = pin!(c.reserve());
            assert!(poll_once(&mut reserve).await.is_none());
            assert_eq!(says(&c), TAKE);
        }
        assert_eq!(says(&c), NONE);
    });
}

#[test]
fn a_granted_place_is_no_room() {
    futures_lite::future::block_on(async {
        let c = chan::fixed(1);
        let permit = c.reserve().await;
        assert_eq!(says(&c), NONE);
        permit.put(1).unwrap();
        assert_eq!(says(&c), TAKE);
    });
}

/// Full and empty as somebody else decides.
struct Moody(Arc<AtomicUsize>);

impl Buffer<u32> for Moody {
    fn push(&mut self, _: u32) -> Option<u32> {
        None
    }
    fn pop(&mut self) -> Option<u32> {
        let len = self.len();
        (len > 0).then_some(7)
    }
    fn len(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
    fn is_full(&self) -> bool {
        self.len() > 0
    }
}

#[test]
fn of_a_users_buffer_nothing_is_known() {
    let len = Arc::new(AtomicUsize::new(0));
    let c = chan::with(Moody(Arc::clone(&len)));
    assert_eq!(says(&c), BOTH);
    assert!(c.try_take().is_err());
    assert_eq!(says(&c), BOTH);
    // Without a section in between.
    len.store(1, Ordering::Relaxed);
    futures_lite::future::block_on(async {
        assert_eq!(poll_once(c.take()).await, Some(Some(7)));
        assert!(poll_once(c.put(1)).await.is_none());
        len.store(0, Ordering::Relaxed);
        assert_eq!(poll_once(c.put(1)).await, Some(Ok(())));
    });
}

/// The critical sections that `run` enters.
fn sections<R>(run: impl FnOnce() -> R) -> usize {
    let before = SECTIONS.get();
    run();
    SECTIONS.get() - before
}

#[test]
fn a_wait_enters_one_section() {
    let (full, empty) = (chan::fixed(1), chan::fixed::<u32>(1));
    full.try_put(1).unwrap();
    futures_lite::future::block_on(async {
        let (mut put, mut take) = (pin!(full.put(2)), pin!(empty.take()));
        let mut reserve = pin!(full.reserve());
        let mut cx = Context::from_waker(Waker::noop());
        assert_eq!(sections(|| put.as_mut().poll(&mut cx).is_pending()), 1);
        assert_eq!(sections(|| take.as_mut().poll(&mut cx).is_pending()), 1);
        assert_eq!(sections(|| reserve.as_mut().poll(&mut cx).is_pending()), 1);
        assert_eq!(empty.waiting().takers, 1);
        assert_eq!(full.waiting().putters, 2);
    });
}
