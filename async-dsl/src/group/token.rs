//! A token that says to whoever holds it that it should end.
//!
//! Tokens form a tree: a child holds its parent, so that a cancellation reaches it also where nobody holds what is between
//! them any more; a parent knows its children, until they are dropped. A token is locked before its children, and one at a
//! time otherwise.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use crate::commit::CanLose;
use crate::promise::{Promise, SharedResolver, Wait, promise};
use crate::runtime::noted::{Noted, lock};
use crate::runtime::task::Remote;

/// Says to tasks that they should end: `context.Context` of Go, `CancellationToken` of tokio.
///
/// A token is cancelled once, and stays so. [`cancelled`](Self::cancelled) waits for that, best as an arm of
/// [`alt!`](crate::alt!), and each task ends in its own way: it may write what it has before it returns. Cancelling a token
/// cancels its [children](Self::child), and theirs; never its parent.
///
/// Clones are handles to the same token. Dropping them cancels nothing: [`guard`](Self::guard) returns what does.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// #[async_dsl::main]
/// async fn main() {
///     let token = CancelToken::new();
///     let ticks = chan();
///     let ticker = go!(|token, ticks| {
///         loop {
///             alt! {
///                 _ = await!(token.cancelled()) => return "ended in good order",
///                 sleep!(1ms) => put!(ticks, ()).unwrap(),
///             }
///         }
///     });
///     take!(ticks);
///     token.cancel();
///     assert_eq!(ticker.await, "ended in good order");
/// }
/// ```
#[derive(Clone)]
pub struct CancelToken {
    node: Arc<Node>,
}

struct Node {
    cancelled: Promise<()>,
    says: SharedResolver<()>,
    state: Noted<State>,
    /// With the number under which the parent knows this one.
    parent: Option<(Arc<Node>, u64)>,
}

#[derive(Default)]
struct State {
    is_cancelled: bool,
    /// In the order in which they were made: so they are cancelled, and a simulated schedule repeats.
    children: BTreeMap<u64, Weak<Node>>,
    /// Those of `go!(token = …)` that have not ended; `None` while they are being started.
    tasks: BTreeMap<u64, Option<Remote>>,
    numbers: u64,
}

impl Node {
    #[track_caller]
    fn new(parent: Option<(Arc<Self>, u64)>) -> Self {
        let (says, cancelled) = promise();
        Self {
            cancelled,
            says: says.share(),
            state: Noted::new(State::default()),
            parent,
        }
    }

    /// Cancels it, unless it was cancelled. Returns its children.
    fn cancel(&self) -> impl Iterator<Item = Arc<Self>> {
        let mut state = lock(&self.state);
        let was_cancelled = std::mem::replace(&mut state.is_cancelled, true);
        let children = std::mem::take(&mut state.children);
        let tasks = std::mem::take(&mut state.tasks);
        drop(state);
        if !was_cancelled {
            self.says.deliver(());
        }
        tasks.values().flatten().for_each(Remote::cancel);
        children.into_values().filter_map(|child| child.upgrade())
    }
}

/// For `go!(token = …)`.
impl CancelToken {
    /// A task is about to be started. Returns its number.
    pub(super) fn reserve(&self) -> u64 {
        let mut state = lock(&self.node.state);
        state.numbers += 1;
        let number = state.numbers;
        if !state.is_cancelled {
            state.tasks.insert(number, None);
        }
        number
    }

    /// The task of this number was started.
    pub(super) fn seat(&self, number: u64, task: Option<Remote>) {
        let mut state = lock(&self.node.state);
        if !state.is_cancelled {
            if let Some(seat) = state.tasks.get_mut(&number) {
                *seat = task;
            }
            return;
        }
        drop(state);
        task.iter().for_each(Remote::cancel);
    }

    /// The task of this number has ended.
    pub(super) fn leave(&self, number: u64) {
        let task = lock(&self.node.state).tasks.remove(&number);
        drop(task);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Not by recursion: a chain of tokens may be longer than a stack is deep.
        let mut next = self.parent.take();
        while let Some((parent, number)) = next {
            let child = lock(&parent.state).children.remove(&number);
            drop(child);
            next = Arc::into_inner(parent).and_then(|mut node| node.parent.take());
        }
    }
}

impl CancelToken {
    /// Returns a token that nobody else can cancel.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::task::CancelToken;
    ///
    /// let token = CancelToken::new();
    /// assert!(!token.is_cancelled());
    /// token.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    #[track_caller]
    pub fn new() -> Self {
        Self {
            node: Arc::new(Node::new(None)),
        }
    }

    /// Returns a token that is cancelled with this one, or before it. The child of a cancelled token is cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::task::CancelToken;
    ///
    /// let server = CancelToken::new();
    /// let (one, other) = (server.child(), server.child());
    /// one.cancel();
    /// assert!(one.is_cancelled() && !server.is_cancelled());
    /// server.cancel();
    /// assert!(other.is_cancelled() && other.child().is_cancelled());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn child(&self) -> Self {
        let number = {
            let mut state = lock(&self.node.state);
            state.numbers += 1;
            state.numbers
        };
        let child = Arc::new(Node::new(Some((Arc::clone(&self.node), number))));
        let mut state = lock(&self.node.state);
        let is_cancelled = state.is_cancelled;
        if !is_cancelled {
            state.children.insert(number, Arc::downgrade(&child));
        }
        drop(state);
        let child = Self { node: child };
        if is_cancelled {
            child.cancel();
        }
        child
    }

    /// Cancels this token, its children, and theirs. Returns at once: whoever waits for it is woken, and goes on in its own
    /// time. Cancelling twice is the same as once.
    ///
    /// # Panics
    ///
    /// Only if a waker of a foreign executor panics; every other waiter has been woken by then.
    ///
    /// # Examples
    ///
    /// ```
    /// let token = async_dsl::task::CancelToken::new();
    /// token.cancel();
    /// token.cancel();
    /// async_dsl::block_on(token.cancelled());
    /// ```
    pub fn cancel(&self) {
        let mut next: VecDeque<_> = self.node.cancel().collect();
        while let Some(node) = next.pop_front() {
            next.extend(node.cancel());
        }
    }

    /// Returns whether this token was cancelled, or a parent of it.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!async_dsl::task::CancelToken::new().is_cancelled());
    /// ```
    pub fn is_cancelled(&self) -> bool {
        lock(&self.node.state).is_cancelled
    }

    /// Waits until this token is cancelled: `await!(token.cancelled())`, also as an arm of [`alt!`](crate::alt!).
    ///
    /// Parks until then. Dropping the future loses nothing. While nobody can cancel the token any more, whoever waits for it
    /// waits for ever, which the report of a deadlock says.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async {
    ///     let token = CancelToken::new();
    ///     let waits = go!(|token| token.cancelled().await);
    ///     token.cancel();
    ///     waits.await;
    /// });
    /// ```
    pub fn cancelled(&self) -> Cancelled {
        Cancelled {
            promise: self.node.cancelled.clone(),
            _node: Arc::clone(&self.node),
        }
    }

    /// Returns a guard that cancels this token when it is dropped, also by a panic or a return.
    ///
    /// # Examples
    ///
    /// ```
    /// let token = async_dsl::task::CancelToken::new();
    /// drop(token.guard());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn guard(&self) -> CancelGuard {
        CancelGuard {
            token: self.clone(),
            is_armed: true,
        }
    }
}

impl Default for CancelToken {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

/// The future of [`CancelToken::cancelled`]. Dropping it loses nothing.
#[must_use = "futures do nothing unless awaited"]
pub struct Cancelled {
    promise: Promise<()>,
    // While somebody waits, the token is there.
    _node: Arc<Node>,
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.promise).poll(cx).map(drop)
    }
}

impl CanLose for Cancelled {
    type Output = ();
    type Wait<'a> = Waits<'a>;

    fn wait(&self) -> Waits<'_> {
        Waits(self.promise.wait())
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled").finish_non_exhaustive()
    }
}

/// The wait of an arm.
#[derive(Debug)]
pub struct Waits<'a>(Wait<'a, ()>);

impl Future for Waits<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

/// Cancels a token when it is dropped. Made by [`CancelToken::guard`].
///
/// # Examples
///
/// ```
/// use async_dsl::task::CancelToken;
///
/// fn work(token: &CancelToken) -> Option<()> {
///     let guard = token.guard();
///     let nothing: Option<()> = None;
///     nothing?; // the token is cancelled
///     guard.disarm();
///     Some(())
/// }
/// let token = CancelToken::new();
/// work(&token);
/// assert!(token.is_cancelled());
/// ```
#[derive(Debug)]
#[must_use = "dropping the guard cancels the token"]
pub struct CancelGuard {
    token: CancelToken,
    is_armed: bool,
}

impl CancelGuard {
    /// Returns the token without cancelling it.
    ///
    /// # Examples
    ///
    /// ```
    /// let guard = async_dsl::task::CancelToken::new().guard();
    /// assert!(!guard.disarm().is_cancelled());
    /// ```
    pub fn disarm(mut self) -> CancelToken {
        self.is_armed = false;
        self.token.clone()
    }
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        if self.is_armed {
            self.token.cancel();
        }
    }
}
