//! Any number of futures as one future of a list.
//!
//! Each child has a waker of its own, which puts the child's index on a ready list, so that a wake-up costs one poll of
//! one child, however many there are.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};
use std::{fmt, mem};

use crate::runtime::sync::atomic::{AtomicBool, Ordering};
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::{budget, note};

/// Awaits all of `items` concurrently and returns their outputs in the order of the input: `join!(each tasks)`.
///
/// **Parks** until all of them are done; an empty list is done at once. **Dropping** the future drops those that are not
/// done and the outputs of those that are.
///
/// # Panics
///
/// With the panic of one of them, and when polled again after it is done.
///
/// # Examples
///
/// ```
/// use async_dsl::task::join_each;
/// use futures_lite::future::block_on;
///
/// let squares = join_each((1..=4).map(|n| async move { n * n }));
/// assert_eq!(block_on(squares), [1, 4, 9, 16]);
/// ```
pub fn join_each<I>(items: I) -> JoinEach<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    let ready = Arc::new(Ready::default());
    let children: Vec<_> = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| Child {
            wake: Arc::new(ChildWake {
                index,
                queued: AtomicBool::new(true),
                ready: Arc::clone(&ready),
            }),
            stage: Stage::Running(Box::pin(item.into_future())),
        })
        .collect();
    JoinEach {
        turn: (0..children.len()).collect(),
        running: children.len(),
        given: false,
        children,
        ready,
    }
}

/// The future of [`join_each`].
#[must_use = "futures do nothing unless awaited"]
pub struct JoinEach<F: Future> {
    children: Vec<Child<F>>,
    running: usize,
    /// The outputs were returned.
    given: bool,
    /// The children to poll in this turn. Those that are left, because the budget was used up, come first in the next one.
    turn: VecDeque<usize>,
    ready: Arc<Ready>,
}

struct Child<F: Future> {
    wake: Arc<ChildWake>,
    stage: Stage<F>,
}

enum Stage<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}

/// The state that the children's wakers share.
#[derive(Default)]
struct Ready {
    state: Mutex<ReadyState>,
}

#[derive(Default)]
struct ReadyState {
    woken: VecDeque<usize>,
    parent: Option<Waker>,
}

struct ChildWake {
    index: usize,
    /// The index is on the ready list or in the parent's turn.
    queued: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for ChildWake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.queued.swap(true, Ordering::AcqRel) {
            return;
        }
        let parent = {
            let mut state = lock(&self.ready.state);
            state.woken.push_back(self.index);
            state.parent.take()
        };
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

impl Ready {
    /// Sets the waker that the next wake-up of a child wakes.
    fn register(&self, waker: &Waker) {
        let known = lock(&self.state)
            .parent
            .as_ref()
            .is_some_and(|parent| parent.will_wake(waker));
        if !known {
            let waker = waker.clone();
            let old = lock(&self.state).parent.replace(waker);
            drop(old);
        }
    }
}

/// After this many children that woke themselves while they were polled, the other tasks get a turn.
const SELF_WAKES: usize = 2;

impl<F: Future> JoinEach<F> {
    /// Polls the children of this turn, as far as that may go on. Returns an output that `ends` the whole.
    fn poll_turn(
        &mut self,
        cx: &mut Context<'_>,
        ends: impl Fn(&F::Output) -> bool,
    ) -> Option<F::Output> {
        let mut self_woken = 0;
        while let Some(&index) = self.turn.front() {
            if budget::poll_proceed(cx).is_pending() {
                return None;
            }
            self.turn.pop_front();
            let child = &mut self.children[index];
            child.wake.queued.store(false, Ordering::Release);
            let Stage::Running(future) = &mut child.stage else {
                continue;
            };
            let waker = Waker::from(Arc::clone(&child.wake));
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) if ends(&output) => return Some(output),
                Poll::Ready(output) => {
                    child.stage = Stage::Done(output);
                    self.running -= 1;
                }
                Poll::Pending if child.wake.queued.load(Ordering::Acquire) => {
                    self_woken += 1;
                    if self_woken == SELF_WAKES {
                        cx.waker().wake_by_ref();
                        return None;
                    }
                }
                Poll::Pending => {}
            }
        }
        None
    }

    /// Polls until all outputs are there, or one that `ends` the whole; then that is the only one.
    fn poll_until(
        &mut self,
        cx: &mut Context<'_>,
        ends: impl Fn(&F::Output) -> bool,
    ) -> Poll<Vec<F::Output>> {
        assert!(!self.given, "a join was polled after it was done");
        ready!(budget::poll_left(cx));
        // Before the list is read: a child that is woken from here on wakes this task.
        self.ready.register(cx.waker());
        {
            let mut state = lock(&self.ready.state);
            if self.turn.is_empty() {
                mem::swap(&mut self.turn, &mut state.woken);
            } else {
                self.turn.append(&mut state.woken);
            }
        }
        let last = self.poll_turn(cx, ends);
        if last.is_none() && self.running > 0 {
            note::still();
            return Poll::Pending;
        }
        self.given = true;
        budget::spend();
        if let Some(last) = last {
            return Poll::Ready(vec![last]);
        }
        let outputs = mem::take(&mut self.children).into_iter();
        Poll::Ready(
            outputs
                .filter_map(|child| match child.stage {
                    Stage::Done(output) => Some(output),
                    Stage::Running(_) => None,
                })
                .collect(),
        )
    }
}

// Children are boxed: nothing is pinned in place.
impl<F: Future> Unpin for JoinEach<F> {}

impl<F: Future> Future for JoinEach<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_until(cx, |_| false)
    }
}

impl<F: Future> Drop for JoinEach<F> {
    fn drop(&mut self) {
        // A child's waker that outlives the join must not keep the parent's waker alive.
        let parent = lock(&self.ready.state).parent.take();
        drop(parent);
    }
}

/// The future of `try_join!(each list)`.
#[must_use = "futures do nothing unless awaited"]
#[derive(Debug)]
pub struct TryJoinEach<F: Future>(JoinEach<F>);

/// Awaits all of `items` concurrently, as [`join_each`] does, until one gives an error.
pub(crate) fn try_join_each<I>(items: I) -> TryJoinEach<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    TryJoinEach(join_each(items))
}

impl<T, E, F: Future<Output = Result<T, E>>> Future for TryJoinEach<F> {
    type Output = Result<Vec<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outputs = self.0.poll_until(cx, Result::is_err);
        outputs.map(|outputs| outputs.into_iter().collect())
    }
}

impl<F: Future> fmt::Debug for JoinEach<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinEach")
            .field("children", &self.children.len())
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}
