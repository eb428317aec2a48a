//! Hand-overs in which one side gives up, goes or closes at the worst moment.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_dsl::alt::CanLose;
use async_dsl::chan::{Permit, Reserve, TryPutError, TryTakeError};
use async_dsl::prelude::*;
use async_dsl_tests::takers_parked;

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Without the trait in scope, whose `take` is another.
fn next(taker: &mut Taker<u32>) -> impl Future<Output = Option<u32>> + Unpin {
    futures_lite::StreamExt::next(taker)
}

type Parked = Arc<Mutex<Option<Pin<Box<Reserve<'static, u32>>>>>>;

/// Gives its reservation up as soon as it hears of its grant.
struct GivesUp(Parked);

impl Wake for GivesUp {
    fn wake(self: Arc<Self>) {
        let reserve = self.0.lock().unwrap().take();
        drop(reserve);
    }
}

/// Parks a reservation that is given up at the moment it is granted.
fn reservation_that_gives_up(c: &Chan<u32>) {
    let c: &'static Chan<u32> = Box::leak(Box::new(c.clone()));
    let parked = Parked::default();
    let mut reserve = Box::pin(c.reserve());
    let waker = Waker::from(Arc::new(GivesUp(Arc::clone(&parked))));
    assert!(
        reserve
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    *parked.lock().unwrap() = Some(reserve);
}

// F1
#[test]
fn a_choice_whose_partner_gives_up_as_they_meet_stays_in_line() {
    let c = chan::fixed(0);
    reservation_that_gives_up(&c);
    let mut choice = Box::pin(alts([c.take()]));
    assert!(poll_once(&mut choice).is_pending());
    assert_eq!(c.waiting(), takers_parked(1));
    c.try_put(7).unwrap();
    assert_eq!(poll_once(&mut choice), Poll::Ready(Ok((0, Some(7)))));
}

// F1
#[test]
fn a_choice_whose_partner_gives_up_as_they_meet_takes_one_value() {
    for biased in [true, false] {
        let (c, d) = (chan::fixed(0), chan::fixed(0));
        reservation_that_gives_up(&c);
        let choice = alts([c.take(), d.take()]);
        let choice = if biased { choice.biased() } else { choice };
        let mut choice = Box::pin(choice);
        assert!(poll_once(&mut choice).is_pending());
        assert_eq!(
            (c.try_put(7), d.try_put(8)),
            (Ok(()), Err(TryPutError::Full(8)))
        );
        assert_eq!(poll_once(&mut choice), Poll::Ready(Ok((0, Some(7)))));
        assert_eq!([c.waiting(), d.waiting()], [chan::Waiting::default(); 2]);
    }
}

// F1
#[test]
fn a_choice_whose_partner_gives_up_as_they_meet_hears_of_its_other_arms() {
    let (c, d) = (chan::fixed(0), chan::fixed(0));
    reservation_that_gives_up(&c);
    let mut choice = Box::pin(alts([c.take(), d.take()]).biased());
    assert!(poll_once(&mut choice).is_pending());
    d.try_put(8).unwrap();
    assert_eq!(c.try_put(7), Err(TryPutError::Full(7)));
    assert_eq!(poll_once(&mut choice), Poll::Ready(Ok((1, Some(8)))));
}

// F1
#[test]
fn a_choice_whose_partner_gives_up_as_they_meet_takes_its_default() {
    let c = chan::fixed(0);
    reservation_that_gives_up(&c);
    let mut choice = pin!(async_block!(|c| {
        alt! {
            value = take!(c) => value,
            default => None,
        }
    }));
    assert_eq!(poll_once(&mut choice), Poll::Ready(None));
    assert_eq!(c.waiting(), chan::Waiting::default());
}

// F2
#[test]
fn no_taker_hears_of_the_end_while_a_value_can_come_back() {
    let (putter, taker) = chan::fixed(0).split();
    let mut first = Box::pin(taker.take());
    let mut second = Box::pin(taker.take());
    assert!(poll_once(&mut first).is_pending());
    assert!(poll_once(&mut second).is_pending());
    putter.try_put(3).unwrap();
    drop(putter);
    assert!(poll_once(&mut second).is_pending(), "3 can still come back");
    assert_eq!(taker.try_take(), Err(TryTakeError::Empty));
    drop(first);
    assert_eq!(poll_once(&mut second), Poll::Ready(Some(3)));
    assert_eq!(taker.try_take(), Err(TryTakeError::Closed));
}

// F2
#[test]
fn all_takers_hear_of_the_end_once_the_last_value_is_collected() {
    let c = chan::fixed(0);
    let mut first = Box::pin(c.take());
    let mut second = Box::pin(c.take());
    let mut choice = Box::pin(alts([c.take()]));
    assert!(poll_once(&mut first).is_pending());
    assert!(poll_once(&mut second).is_pending());
    c.try_put(3).unwrap();
    c.close();
    let mut late = Box::pin(c.take());
    assert!(poll_once(&mut second).is_pending());
    assert!(poll_once(&mut choice).is_pending());
    assert!(poll_once(&mut late).is_pending());
    assert_eq!(poll_once(&mut first), Poll::Ready(Some(3)));
    assert_eq!(poll_once(&mut second), Poll::Ready(None));
    assert_eq!(poll_once(&mut choice), Poll::Ready(Ok((0, None))));
    assert_eq!(poll_once(&mut late), Poll::Ready(None));
    assert_eq!(c.waiting(), chan::Waiting::default());
}

// F2
#[test]
fn a_choice_takes_what_comes_back_to_a_closed_channel() {
    let c = chan::fixed(1);
    let mut first = Box::pin(c.take());
    assert!(poll_once(&mut first).is_pending());
    c.try_put(3).unwrap();
    c.close();
    let mut choice = Box::pin(alts([c.take()]));
    assert!(poll_once(&mut choice).is_pending());
    drop(first);
    assert_eq!(poll_once(&mut choice), Poll::Ready(Ok((0, Some(3)))));
}

// F2: a stream may be left alone for ever with the value that it was handed
#[test]
fn a_value_that_lies_with_a_stream_goes_to_whoever_takes_at_the_end() {
    let (putter, mut stream) = chan::fixed(1).split();
    assert!(poll_once(&mut next(&mut stream)).is_pending());
    putter.try_put(3).unwrap();
    drop(putter);
    assert_eq!(poll_once(&mut pin!(stream.take())), Poll::Ready(Some(3)));
    assert_eq!(poll_once(&mut next(&mut stream)), Poll::Ready(None));
}

// F2
#[test]
fn a_stream_that_is_polled_again_has_its_value_at_the_end() {
    let (putter, mut stream) = chan::fixed(1).split();
    assert!(poll_once(&mut next(&mut stream)).is_pending());
    putter.try_put(3).unwrap();
    drop(putter);
    assert_eq!(poll_once(&mut next(&mut stream)), Poll::Ready(Some(3)));
    assert_eq!(poll_once(&mut next(&mut stream)), Poll::Ready(None));
}

/// Moves a value from one channel to the other when it is looked at, and is never ready.
struct Moves<'a>(&'a Chan<u32>, &'a Chan<u32>);

impl Future for Moves<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if let Ok(value) = self.0.try_take() {
            self.1.try_put(value).unwrap();
        }
        Poll::Pending
    }
}

impl CanLose for Moves<'_> {
    type Output = ();
    type Wait<'a>
        = Moves<'a>
    where
        Self: 'a;

    fn wait(&self) -> Moves<'_> {
        Moves(self.0, self.1)
    }
}

// F5
#[test]
fn a_default_does_not_win_over_a_value_that_moves_between_the_looks() {
    let (from, to) = (chan::fixed(1), chan::fixed(1));
    from.try_put(7).unwrap();
    let moves = Moves(&from, &to);
    let (from, to, moves) = (&from, &to, &moves);
    let mut choice = pin!(async_block!({
        alt! {
            biased;
            value = take!(to) => value,
            () = await!(*moves) => None,
            value = take!(from) => value,
            default => None,
        }
    }));
    assert_eq!(poll_once(&mut choice), Poll::Ready(Some(7)));
    assert_eq!(
        [from.waiting(), to.waiting()],
        [chan::Waiting::default(); 2]
    );
}

// F5
#[test]
fn a_default_does_not_win_over_a_value_that_another_thread_moves() {
    const ROUNDS: usize = 1_000;
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| (chan::fixed(1), chan::fixed(1)))
        .collect();
    for (from, _) in &rounds {
        from.try_put(1).unwrap();
    }
    // Both threads begin a round together, as nearly as can be.
    let here = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let meet = |me: usize, round: usize| {
        here[me].store(round + 1, Ordering::SeqCst);
        while here[1 - me].load(Ordering::SeqCst) <= round {
            std::thread::yield_now();
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for (round, (from, to)) in rounds.iter().enumerate() {
                meet(0, round);
                to.try_put(2).unwrap();
                let _ = from.try_take();
            }
        });
        for (round, (from, to)) in rounds.iter().enumerate() {
            meet(1, round);
            let value = async_dsl::block_on(async_block!({
                alt! {
                    value = take!(from) => value,
                    value = take!(to) => value,
                    default => None,
                }
            }));
            assert!(
                value.is_some(),
                "one of them held a value at each moment of round {round}"
            );
        }
    });
}

// F4
#[test]
fn a_close_ends_a_taker_that_a_permit_was_promised() {
    for leak in [false, true] {
        let c = chan::fixed(0);
        let mut take = Box::pin(c.take());
        let mut choice = Box::pin(alts([c.take()]));
        assert!(poll_once(&mut take).is_pending());
        assert!(poll_once(&mut choice).is_pending());
        let permits = [(); 2].map(|()| async_dsl::block_on(c.reserve()));
        assert_eq!(c.waiting(), chan::Waiting::default());
        c.close();
        assert_eq!(poll_once(&mut take), Poll::Ready(None));
        assert_eq!(poll_once(&mut choice), Poll::Ready(Ok((0, None))));
        let [permit, other] = permits;
        if leak {
            std::mem::forget((permit, other));
        } else {
            assert_eq!(permit.put(1), Err(Closed(1)));
            drop(other);
        }
        assert_eq!((c.len(), c.try_take()), (0, Err(TryTakeError::Closed)));
    }
}

// F6
#[test]
fn a_put_that_is_done_at_a_rendezvous_was_taken_though_the_time_was_over() {
    let c = chan::fixed(0);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for n in 0..1_000 {
                while c.try_put(n).is_err() {
                    std::thread::yield_now();
                }
            }
            c.close();
        });
        let mut next = 0;
        while let Some(n) = async_dsl::block_on(async_block!(|c| take!(c, 0ms, u32::MAX))) {
            if n != u32::MAX {
                assert_eq!(n, next);
                next += 1;
            }
        }
        assert_eq!(next, 1_000);
    });
    assert_eq!(c.len(), 0);
}

/// Once it has a permit, it is ready: it gives it up, and puts itself.
struct PutsInstead<'a>(&'a Chan<u32>, &'a Mutex<Option<Permit<u32>>>);

impl Future for PutsInstead<'_> {
    type Output = Result<(), TryPutError<u32>>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(permit) = self.1.lock().unwrap().take() else {
            return Poll::Pending;
        };
        drop(permit);
        Poll::Ready(self.0.try_put(8))
    }
}

impl CanLose for PutsInstead<'_> {
    type Output = Result<(), TryPutError<u32>>;
    type Wait<'a>
        = PutsInstead<'a>
    where
        Self: 'a;

    fn wait(&self) -> PutsInstead<'_> {
        PutsInstead(self.0, self.1)
    }
}

// F6
#[test]
fn a_choice_that_is_ready_elsewhere_meets_nobody_after_its_permit_was_given_up() {
    let (c, permit) = (&chan::fixed(0), &Mutex::new(None));
    let mut choice = pin!(async_block!({
        let puts = PutsInstead(c, permit);
        alt! {
            value = take!(c) => Ok(value),
            put = await!(puts) => Err(put),
        }
    }));
    assert!(poll_once(&mut choice).is_pending());
    *permit.lock().unwrap() = Some(async_dsl::block_on(c.reserve()));
    let refused = Err(TryPutError::Full(8));
    assert_eq!(poll_once(&mut choice), Poll::Ready(Err(refused)));
    assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
}

// F6
#[test]
fn a_value_of_a_taker_that_is_cancelled_waits_for_the_next_one() {
    let c = chan::fixed(0);
    let mut take = Box::pin(c.take());
    assert!(poll_once(&mut take).is_pending());
    c.try_put(7).unwrap();
    drop(take);
    assert_eq!((c.len(), c.capacity()), (1, Some(0)));
    let late = async_dsl::block_on(c.put_for(8, Duration::ZERO));
    assert_eq!(late, Err(PutError::Elapsed(8)));
    assert_eq!(
        (c.try_take(), c.try_take()),
        (Ok(7), Err(TryTakeError::Empty))
    );
}
