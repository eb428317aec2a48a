//! The addresses of a simulated network, and their listeners.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Links;
use super::pipe::{End, connection};
use crate::net::{Accepts, Transport};
use crate::runtime::running::{self, random_below};
use crate::runtime::sync::lock_std;
use crate::runtime::time::sleep;
use crate::runtime::wake::wake_all;

/// The first port that is assigned for port 0, as by most operating systems.
const ANY_PORT: u16 = 49_152;

/// The number of connections that may wait to be accepted.
const BACKLOG: usize = 1024;

/// One simulated network.
#[derive(Debug)]
pub(crate) struct Network(Mutex<State>);

#[derive(Debug)]
struct State {
    links: Links,
    listening: BTreeMap<SocketAddr, Arc<Queue>>,
    next_port: u16,
}

/// Returns the network of the current scheduler, if that is a simulated one.
pub(crate) fn here() -> Option<Arc<Network>> {
    running::current()
        .sim()
        .map(crate::runtime::schedule::Simulation::beside)
}

impl Default for Network {
    fn default() -> Self {
        Self(Mutex::new(State {
            links: Links::default(),
            listening: BTreeMap::new(),
            next_port: ANY_PORT,
        }))
    }
}

impl Network {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock_std(&self.0)
    }

    pub(super) fn set(&self, links: Links) {
        self.lock().links = links;
    }

    /// Draws the delay of a write.
    pub(super) fn delay(&self) -> Duration {
        const PARTS: u32 = 8;
        let most = self.lock().links.delay;
        if most.is_zero() {
            return most;
        }
        let part = u32::try_from(random_below(PARTS as usize + 1)).unwrap_or(0);
        most * part / PARTS
    }

    /// Draws whether a write loses its connection.
    pub(super) fn loses_now(&self) -> bool {
        let lost = self.lock().links.lost as usize;
        // A choice of 0, the simplest, is no loss.
        lost > 0 && random_below(lost) == lost - 1
    }

    /// Listens on the first of the addresses that is free.
    pub(crate) fn listen(
        self: &Arc<Self>,
        addresses: &[SocketAddr],
    ) -> io::Result<Box<dyn Accepts>> {
        let mut state = self.lock();
        for address in addresses {
            let mut address = *address;
            if address.port() == 0 {
                address.set_port(state.any_port()?);
            }
            if state.listening.contains_key(&address) {
                continue;
            }
            let queue = Arc::new(Queue::default());
            state.listening.insert(address, Arc::clone(&queue));
            drop(state);
            return Ok(Box::new(Source {
                network: Arc::clone(self),
                queue,
                address,
            }));
        }
        Err(io::ErrorKind::AddrInUse.into())
    }

    /// Connects to the listener of the address, after a delay.
    pub(crate) async fn connect(
        self: &Arc<Self>,
        address: SocketAddr,
    ) -> io::Result<Box<dyn Transport>> {
        sleep(self.delay()).await;
        let (queue, port) = {
            let mut state = self.lock();
            let any = SocketAddr::new([0, 0, 0, 0].into(), address.port());
            let queue = state
                .listening
                .get(&address)
                .or_else(|| state.listening.get(&any));
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let queue = Arc::clone(queue.ok_or_else(refused)?);
            (queue, state.any_port()?)
        };
        let from = SocketAddr::new(address.ip(), port);
        let (ours, theirs) = connection(self, from, address);
        let waiting = {
            let mut waiting = queue.lock();
            if waiting.ends.len() == BACKLOG {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            waiting.ends.push_back(theirs);
            waiting.accepter.take()
        };
        wake_all(waiting);
        Ok(Box::new(ours))
    }
}

impl State {
    /// Returns a port that was not assigned before.
    fn any_port(&mut self) -> io::Result<u16> {
        let port = self.next_port;
        self.next_port = port.checked_add(1).ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(port)
    }
}

/// The connections that are not yet accepted.
#[derive(Debug, Default)]
struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    ends: VecDeque<End>,
    accepter: Option<Waker>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        lock_std(&self.0)
    }
}

/// The source of a listener. Dropping it frees the address, and closes the connections that were not accepted.
#[derive(Debug)]
struct Source {
    network: Arc<Network>,
    queue: Arc<Queue>,
    address: SocketAddr,
}

impl Accepts for Source {
    fn try_accept(&self) -> io::Result<Box<dyn Transport>> {
        match self.queue.lock().ends.pop_front() {
            Some(end) => Ok(Box::new(end)),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn poll_acceptable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let waker = cx.waker().clone();
        let mut waiting = self.queue.lock();
        if !waiting.ends.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let old = waiting.accepter.replace(waker);
        drop(waiting);
        drop(old);
        Poll::Pending
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    fn is_outside(&self) -> bool {
        false
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let queue = self.network.lock().listening.remove(&self.address);
        let ends = std::mem::take(&mut self.queue.lock().ends);
        drop(ends);
        drop(queue);
    }
}
