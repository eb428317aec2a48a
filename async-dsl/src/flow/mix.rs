//! Inputs that come and go.

use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use super::stage::{self, Next, Stop, next, put};
use crate::chan::{self, Gone, Putter, Taker, TakerAgain};
use crate::runtime::noted::{Noted, lock};
use crate::runtime::place::Line;
use crate::runtime::wake::wake_all;

/// Returns a mix and its output, with a buffer for `size` values: the union of inputs that come and go. core.async's `mix`.
///
/// [`add`](Mix::add) takes an input and returns the [`Input`] that controls it. All inputs wait in one line for the output, so none
/// is left behind. The output closes once the last [`Mix`] is dropped and all inputs have ended or were removed.
///
/// Each input has a task of its own, which parks until there is a value, until the output has accepted it, and while it is paused.
/// Once nobody takes from the output any more, all of them stop and drop their inputs; a value on its way then counts as
/// discarded, on the output.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (mix, mixed) = flow::mix(4);
///     let ((a, from_a), (b, from_b)) = (chan::fixed(1).split(), chan::fixed(1).split());
///     mix.add(from_a);
///     let input = mix.add(from_b);
///     put!(a, "a").unwrap();
///     assert_eq!(take!(mixed), Some("a"));
///     let from_b = input.remove();
///     put!(b, "b").unwrap();
///     assert_eq!(take!(from_b), Some("b"));
///     drop((mix, a));
///     assert_eq!(take!(mixed), None);
/// }));
/// ```
#[track_caller]
pub fn mix<T: Send + 'static>(size: usize) -> (Mix<T>, Taker<T>) {
    let (out, mixed) = chan::fixed(size).named("mixed").split();
    let desk = Arc::new(Desk::default());
    (Mix { out, desk }, mixed)
}

/// What all inputs of a mix share.
#[derive(Debug, Default)]
struct Desk {
    /// The number of inputs that are soloed.
    soloed: AtomicUsize,
    discarded: AtomicU64,
}

/// Adds inputs to a [`mix`]. Clones are handles to the same.
#[derive(Clone)]
pub struct Mix<T> {
    out: Putter<T>,
    desk: Arc<Desk>,
}

impl<T: Send + 'static> Mix<T> {
    /// Adds an input, which plays. It stays until it ends or is [removed](Input::remove), also when its [`Input`] is dropped.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::flow;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let (mix, mixed) = flow::mix(0);
    ///     for n in 0..3 {
    ///         let (putter, taker) = chan::fixed(1).split();
    ///         mix.add(taker);
    ///         put!(putter, n).unwrap();
    ///     }
    ///     drop(mix);
    ///     let mut all = Vec::new();
    ///     while let Some(n) = take!(mixed) {
    ///         all.push(n);
    ///     }
    ///     all.sort();
    ///     assert_eq!(all, [0, 1, 2]);
    /// }));
    /// ```
    #[track_caller]
    pub fn add(&self, taker: Taker<T>) -> Input<T> {
        let knob = Arc::new(Knob::new(Arc::clone(&self.desk)));
        let input = Input {
            from: TakerAgain::of(&taker),
            knob: Arc::clone(&knob),
        };
        let at = Location::caller();
        stage::start("mix", at, run(taker, self.out.clone(), Ends(knob), at));
        input
    }
}

impl<T> Mix<T> {
    /// Returns the number of values that muted inputs have discarded.
    ///
    /// ```
    /// let (mix, mixed) = async_dsl::flow::mix::<u32>(1);
    /// assert_eq!(mix.discarded(), 0);
    /// # drop(mixed);
    /// ```
    #[must_use]
    pub fn discarded(&self) -> u64 {
        self.desk.discarded.load(Ordering::Relaxed)
    }
}

impl<T> fmt::Debug for Mix<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mix").finish_non_exhaustive()
    }
}

const PLAY: u8 = 0;
const MUTE: u8 = 1;
const PAUSE: u8 = 2;
const SOLO: u8 = 3;
/// Removed, or ended: it stays so.
const OVER: u8 = 4;

/// The control of one input.
struct Knob {
    desk: Arc<Desk>,
    /// Set under the lock of `waker`.
    mode: AtomicU8,
    /// That of the input's task.
    waker: Noted<Option<Waker>>,
    discarded: AtomicU64,
}

impl Knob {
    fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            mode: AtomicU8::new(PLAY),
            waker: Noted::new(None),
            discarded: AtomicU64::new(0),
        }
    }

    fn mode(&self) -> u8 {
        self.mode.load(Ordering::Acquire)
    }

    fn set(&self, mode: u8) {
        let mut waker = lock(&self.waker);
        let old = self.mode();
        if old == OVER {
            return;
        }
        self.mode.store(mode, Ordering::Release);
        if mode == SOLO && old != SOLO {
            self.desk.soloed.fetch_add(1, Ordering::AcqRel);
        } else if mode != SOLO && old == SOLO {
            self.desk.soloed.fetch_sub(1, Ordering::AcqRel);
        }
        let parked = waker.take();
        drop(waker);
        wake_all(parked);
    }

    /// Whether what is taken now is to be discarded.
    fn is_muted(&self) -> bool {
        match self.mode() {
            SOLO => false,
            MUTE => true,
            _ => self.desk.soloed.load(Ordering::Acquire) > 0,
        }
    }

    fn discard(&self) {
        self.discarded.fetch_add(1, Ordering::Relaxed);
        self.desk.discarded.fetch_add(1, Ordering::Relaxed);
    }

    /// Ready once the mode is one of these.
    fn poll(&self, cx: &Context<'_>, is_it: impl Fn(u8) -> bool) -> Poll<()> {
        let fresh = cx.waker().clone();
        let mut waker = lock(&self.waker);
        if is_it(self.mode()) {
            drop(waker);
            return Poll::Ready(());
        }
        let old = waker.replace(fresh);
        drop(waker);
        drop(old);
        Poll::Pending
    }
}

/// Ends the wait for a value: the input takes none while it is paused, and none once it is over.
struct Stops<'a, T> {
    gone: Gone<T>,
    knob: &'a Knob,
}

const fn takes_none(mode: u8) -> bool {
    mode == PAUSE || mode == OVER
}

impl<T> Stop for Stops<'_, T> {
    fn is_stopped(&self) -> bool {
        self.gone.is_gone() || takes_none(self.knob.mode())
    }

    fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.knob.poll(cx, takes_none) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => self.gone.poll(cx),
        }
    }
}

/// Says that the input is over, however its task ends.
struct Ends(Arc<Knob>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.set(OVER);
    }
}

async fn run<T: Send>(from: Taker<T>, out: Putter<T>, ends: Ends, at: Line) {
    let knob = &*ends.0;
    let gone = out.gone();
    let mut stops = Stops { gone, knob };
    loop {
        match next(&from, at, &mut stops).await {
            Next::Value(value) if knob.is_muted() => {
                drop(value);
                knob.discard();
            }
            Next::Value(value) => {
                if put(&out, value, at).await.is_err() {
                    return;
                }
            }
            Next::Ended => return,
            Next::Stop => {
                let resumed = poll_fn(|cx| match stops.gone.poll(cx) {
                    Poll::Ready(()) => Poll::Ready(()),
                    Poll::Pending => knob.poll(cx, |mode| mode != PAUSE),
                });
                resumed.await;
                if stops.gone.is_gone() || knob.mode() == OVER {
                    return;
                }
            }
        }
    }
}

/// Controls one input of a [`mix`]. Dropping it leaves the input as it is.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (mix, mixed) = flow::mix(1);
///     let (putter, taker) = chan::fixed(0).split();
///     let input = mix.add(taker);
///     input.mute();
///     put!(putter, 1).unwrap(); // taken, and discarded
///     while input.discarded() == 0 {
///         sleep!(1ms); // the mode counts in which the input is when its task has the value
///     }
///     input.play();
///     put!(putter, 2).unwrap();
///     assert_eq!(take!(mixed), Some(2));
///     assert_eq!(input.discarded(), 1);
/// }));
/// ```
pub struct Input<T> {
    from: TakerAgain<T>,
    knob: Arc<Knob>,
}

impl<T> Input<T> {
    /// Passes values on, as it does from the start.
    pub fn play(&self) {
        self.knob.set(PLAY);
    }

    /// Takes values and discards them: they are [counted](Self::discarded).
    pub fn mute(&self) {
        self.knob.set(MUTE);
    }

    /// Takes no more values: who puts into the input has to wait.
    pub fn pause(&self) {
        self.knob.set(PAUSE);
    }

    /// Passes values on, and mutes all inputs that are neither soloed nor paused, as long as this one is soloed.
    pub fn solo(&self) {
        self.knob.set(SOLO);
    }

    /// Removes the input from the mix. Returns its taker, which has what the mix has not taken; a value that was on its way to
    /// the output goes there. If the input has ended, it is the taker of a channel that is closed and empty.
    #[must_use = "a taker that is dropped stops those who put into it"]
    pub fn remove(self) -> Taker<T> {
        let taker = self.from.taker();
        self.knob.set(OVER);
        taker
    }

    /// Returns the number of values that this input has discarded while it was muted.
    #[must_use]
    pub fn discarded(&self) -> u64 {
        self.knob.discarded.load(Ordering::Relaxed)
    }
}

impl<T> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.knob.mode() {
            PLAY => "plays",
            MUTE => "muted",
            PAUSE => "paused",
            SOLO => "soloed",
            _ => "over",
        };
        f.debug_struct("Input")
            .field("mode", &format_args!("{mode}"))
            .finish_non_exhaustive()
    }
}
