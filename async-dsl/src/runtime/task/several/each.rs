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
    /// Polls the children of this turn. Returns `false` if it had to stop before the end.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> bool {
        let mut self_woken = 0;
        while let Some(&index) = self.turn.front() {
            if budget::poll_proceed(cx).is_pending() {
                return false;
            }
            self.turn.pop_front();
            let child = &mut self.children[index];
            child.wake.queued.store(false, Ordering::Release);
            let Stage::Running(future) = &mut child.stage else {
                continue;
            };
            let waker = Waker::from(Arc::clone(&child.wake));
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => {
                    child.stage = Stage::Done(output);
                    self.running -= 1;
                }
                Poll::Pending if child.wake.queued.load(Ordering::Acquire) => {
                    self_woken += 1;
                    if self_woken == SELF_WAKES {
                        cx.waker().wake_by_ref();
                        return false;
                    }
                }
                Poll::Pending => {}
            }
        }
        true
    }
}

// Children are boxed: nothing is pinned in place.
impl<F: Future> Unpin for JoinEach<F> {}

impl<F: Future> Future for JoinEach<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(!this.given, "a join was polled after it was done");
        ready!(budget::poll_left(cx));
        // Before the list is read: a child that is woken from here on wakes this task.
        this.ready.register(cx.waker());
        {
            let mut state = lock(&this.ready.state);
            if this.turn.is_empty() {
                mem::swap(&mut this.turn, &mut state.woken);
            } else {
                this.turn.append(&mut state.woken);
            }
        }
        this.poll_turn(cx);
        if this.running > 0 {
            note::still();
            return Poll::Pending;
        }
        this.given = true;
        budget::spend();
        let outputs = mem::take(&mut this.children).into_iter();
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

impl<F: Future> Drop for JoinEach<F> {
    fn drop(&mut self) {
        // A child's waker that outlives the join must not keep the parent's waker alive.
        let parent = lock(&self.ready.state).parent.take();
        drop(parent);
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
