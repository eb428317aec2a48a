//! The connections of a server, so that it can end them.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Poll, Waker};

use slab::Slab;

use crate::net::Error;
use crate::net::link::Link;
use crate::runtime::sync::lock;
use crate::runtime::task::Task;
use crate::runtime::wake::wake_all;

#[derive(Debug, Default)]
pub(super) struct Registry(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    connections: Slab<Entry>,
    /// Connections are to end between two frames.
    draining: bool,
    /// Nothing is accepted any more.
    stopped: bool,
    waiting: Vec<Waker>,
}

#[derive(Debug)]
struct Entry {
    link: Weak<Link>,
    /// `None` until it is started.
    task: Option<Task<()>>,
}

impl Registry {
    pub(super) fn enter(&self, link: &Arc<Link>) -> usize {
        let (key, draining) = {
            let mut state = lock(&self.0);
            let entry = Entry {
                link: Arc::downgrade(link),
                task: None,
            };
            (state.connections.insert(entry), state.draining)
        };
        if draining {
            link.drain();
        }
        key
    }

    /// Called only by the caller of `enter`, before it enters the next: so a key that is gone is not yet reused.
    pub(super) fn started(&self, key: usize, task: Task<()>) {
        let mut task = Some(task);
        if let Some(entry) = lock(&self.0).connections.get_mut(key) {
            entry.task = task.take();
        }
        drop(task);
    }

    pub(super) fn leave(&self, key: usize) {
        let entry = lock(&self.0).connections.try_remove(key);
        drop(entry);
    }

    fn links(&self) -> Vec<Arc<Link>> {
        let state = lock(&self.0);
        let links = state.connections.iter();
        links
            .filter_map(|(_, entry)| entry.link.upgrade())
            .collect()
    }

    /// Ends every connection between two frames, later ones too.
    pub(super) fn drain(&self) {
        lock(&self.0).draining = true;
        for link in self.links() {
            link.drain();
        }
    }

    /// Ends every connection now.
    pub(super) fn cut(&self, each: impl Fn()) {
        for link in self.links() {
            each();
            link.abort(Error::Shutdown);
        }
        let tasks: Vec<_> = {
            let mut state = lock(&self.0);
            let connections = state.connections.iter_mut();
            connections
                .filter_map(|(_, entry)| entry.task.take())
                .collect()
        };
        for task in tasks {
            drop(task.cancel());
        }
    }

    /// Returns a guard that marks the end of accepting when it is dropped.
    pub(super) fn stop_at_end(&self) -> Stopping<'_> {
        Stopping(self)
    }

    /// Parks until nothing is accepted any more.
    pub(super) async fn stopped(&self) {
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            let mut state = lock(&self.0);
            if state.stopped {
                return Poll::Ready(());
            }
            if !state.waiting.iter().any(|known| known.will_wake(&waker)) {
                state.waiting.push(waker);
            }
            Poll::Pending
        })
        .await;
    }
}

pub(super) struct Stopping<'a>(&'a Registry);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = lock(&self.0.0);
            state.stopped = true;
            std::mem::take(&mut state.waiting)
        };
        wake_all(waiting);
    }
}
