//! Inputs that come and go.

mod knob;
mod shown;

use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use super::stage::{Next, Stop, next, put};
use crate::chan::{self, Gone, Putter, Taker, TakerAgain};
use crate::runtime::place::Line;
use crate::runtime::spawn::spawn_named;

use knob::{Knob, MUTE, OVER, PAUSE, PLAY, SOLO};
use shown::{Shown, ShownInput};

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
    let shown = Shown::new(out.number(), Location::caller());
    (Mix { out, shown }, mixed)
}

/// Adds inputs to a [`mix`]. Clones are handles to the same.
#[derive(Clone)]
pub struct Mix<T> {
    out: Putter<T>,
    shown: Arc<Shown>,
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
        let at = Location::caller();
        let knob = Arc::new(Knob::new(Arc::clone(&self.shown.desk)));
        let shown = ShownInput::new(Arc::clone(&knob), &self.shown, taker.number(), at);
        let input = Input {
            from: TakerAgain::of(&taker),
            knob,
        };
        let ends = Ends(Arc::clone(&shown));
        let task = spawn_named("mix".into(), run(taker, self.out.clone(), ends, at), at);
        shown.is_run_by(task.number());
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
        self.shown.desk.discarded.load(Ordering::Relaxed)
    }
}

impl<T> fmt::Debug for Mix<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mix").finish_non_exhaustive()
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
struct Ends(Arc<ShownInput>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.knob.set(OVER);
    }
}

async fn run<T: Send>(from: Taker<T>, out: Putter<T>, ends: Ends, at: Line) {
    let shown = &*ends.0;
    let knob = &*shown.knob;
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
                    Poll::Pending => {
                        let resumed = knob.poll(cx, |mode| mode != PAUSE);
                        if resumed.is_pending() {
                            shown.parks(at);
                        }
                        resumed
                    }
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
        f.debug_struct("Input")
            .field("mode", &format_args!("{}", self.knob.says()))
            .finish_non_exhaustive()
    }
}
