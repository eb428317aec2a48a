//! What the console can reach, by name.

mod agent;
mod chan;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::value::{Room, ToValue, TooLarge, Value};
use crate::agent::Agent;
use crate::chan::Chan;
use crate::runtime::sync::lock;
use crate::scheduler::Scheduler;

pub(super) use agent::Keeper;
pub use chan::Export;
pub(super) use chan::{Port, Put, Taken};

/// The channels and agents that a console may reach, by name. It can reach nothing else of the program.
///
/// Clones are handles to the same table, which may change while consoles are open. Exporting a name again replaces it.
///
/// **The table keeps nothing alive**: a channel closes, and an agent ends, as if it had not been exported. The console
/// then reports that its name is gone.
///
/// # Examples
///
/// ```
/// use async_dsl::console::{Exports, Session};
/// use async_dsl::prelude::*;
///
/// let jobs = chan::fixed::<String>(8);
/// let exports = Exports::new();
/// exports.chan("jobs", &jobs);
///
/// let mut session = Session::new(&exports)?;
/// let answer = session.eval_blocking(r#"put("jobs", "sweep"); chans()[0].len"#);
/// assert_eq!(answer.result(), Ok("1"));
/// assert_eq!(jobs.try_take().as_deref(), Ok("sweep"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Exports {
    table: Arc<Mutex<Table>>,
}

#[derive(Default)]
struct Table {
    chans: BTreeMap<Arc<str>, Arc<dyn Port>>,
    agents: BTreeMap<Arc<str>, Arc<dyn Keeper>>,
    scheduler: Option<Scheduler>,
}

impl Exports {
    /// Returns an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Exports a channel: a [`Chan`] to look at, put into and take from; a [`Putter`](crate::chan::Putter) or
    /// [`Taker`](crate::chan::Taker) to look at and do one of these.
    ///
    /// Putting needs [`FromValue`](super::FromValue), taking [`ToValue`]. What the console takes is lost to the program.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::Exports;
    /// use async_dsl::prelude::*;
    ///
    /// let jobs = chan::fixed::<String>(8);
    /// let (events, results) = chan::fixed::<u32>(8).split();
    /// Exports::new().chan("jobs", &jobs).chan("events", &events).chan("results", &results);
    /// ```
    pub fn chan(&self, name: &str, chan: &impl Export) -> &Self {
        self.set(|table| table.chans.insert(name.into(), chan.port().0))
    }

    /// Exports a channel of any type to look at: its length, counters and waiters, not its values.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::Exports;
    /// use async_dsl::prelude::*;
    ///
    /// struct Secret;
    /// let secrets = chan::fixed::<Secret>(8);
    /// Exports::new().chan_to_look_at("secrets", &secrets);
    /// ```
    pub fn chan_to_look_at<T: Send + 'static>(&self, name: &str, chan: &Chan<T>) -> &Self {
        self.set(|table| table.chans.insert(name.into(), chan::to_look_at(chan)))
    }

    /// Exports an agent: the console can read its state.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::{Exports, Session};
    ///
    /// let counter = async_dsl::agent::agent(42);
    /// let exports = Exports::new();
    /// exports.agent("counter", &counter);
    /// let answer = Session::new(&exports)?.eval_blocking(r#"get("counter")"#);
    /// assert_eq!(answer.result(), Ok("42"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn agent<S>(&self, name: &str, agent: &Agent<S>) -> &Self
    where
        S: ToValue + Clone + Send + Sync + 'static,
    {
        self.agent_with(name, agent, S::to_value)
    }

    /// Exports an agent of any type, with a function that shows its state. The function runs on a console's thread and
    /// cannot be interrupted.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::{Exports, ToValue};
    /// use async_dsl::prelude::*;
    /// use std::path::PathBuf;
    ///
    /// let folder = agent(PathBuf::from("/tmp"));
    /// Exports::new().agent_with("folder", &folder, |path, room| path.to_string_lossy().to_value(room));
    /// ```
    pub fn agent_with<S, F>(&self, name: &str, agent: &Agent<S>, show: F) -> &Self
    where
        S: Clone + Send + Sync + 'static,
        F: Fn(&S, &mut Room) -> Result<Value, TooLarge> + Send + Sync + 'static,
    {
        let keeper = agent::keeper(agent, show);
        self.set(|table| table.agents.insert(name.into(), keeper))
    }

    /// Exports a manual scheduler, so that the console can drive it with `run_once()`. The table holds a handle to it.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::{Exports, Session};
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let scheduler = Scheduler::manual();
    /// let task = scheduler.spawn(async { 42 });
    /// let exports = Exports::new();
    /// exports.scheduler(&scheduler);
    /// let answer = Session::new(&exports)?.eval_blocking("run_once()");
    /// assert_eq!(answer.result(), Ok("1"));
    /// assert!(task.is_finished());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn scheduler(&self, scheduler: &Scheduler) -> &Self {
        let scheduler = scheduler.clone();
        self.set(|table| table.scheduler.replace(scheduler))
    }

    /// Removes a name. Returns whether it was exported.
    ///
    /// # Examples
    ///
    /// ```
    /// let exports = async_dsl::console::Exports::new();
    /// exports.chan("jobs", &async_dsl::chan::fixed::<u8>(1));
    /// assert_eq!(exports.names(), [std::sync::Arc::from("jobs")]);
    /// assert!(exports.remove("jobs"));
    /// ```
    pub fn remove(&self, name: &str) -> bool {
        let removed = {
            let mut table = lock(&self.table);
            (table.chans.remove(name), table.agents.remove(name))
        };
        removed.0.is_some() || removed.1.is_some()
    }

    /// Returns all names, sorted.
    pub fn names(&self) -> Vec<Arc<str>> {
        let table = lock(&self.table);
        let names = table.chans.keys().chain(table.agents.keys());
        let mut names: Vec<_> = names.cloned().collect();
        names.sort();
        names.dedup();
        names
    }

    /// Drops the replaced value outside the lock: it may run the user's code.
    fn set<R>(&self, change: impl FnOnce(&mut Table) -> R) -> &Self {
        let before = change(&mut lock(&self.table));
        drop(before);
        self
    }

    pub(super) fn chans(&self) -> Vec<(Arc<str>, Arc<dyn Port>)> {
        let table = lock(&self.table);
        let chans = table.chans.iter();
        chans
            .map(|(name, chan)| (name.clone(), chan.clone()))
            .collect()
    }

    pub(super) fn agents(&self) -> Vec<(Arc<str>, Arc<dyn Keeper>)> {
        let table = lock(&self.table);
        let agents = table.agents.iter();
        agents
            .map(|(name, agent)| (name.clone(), agent.clone()))
            .collect()
    }

    /// Returns the channel of this name, or an error message for the client.
    pub(super) fn find_chan(&self, name: &str) -> Result<Arc<dyn Port>, String> {
        let table = lock(&self.table);
        let found = table.chans.get(name).cloned();
        found.ok_or_else(|| unknown("channel", name, table.chans.keys()))
    }

    /// Returns the agent of this name, or an error message for the client.
    pub(super) fn find_agent(&self, name: &str) -> Result<Arc<dyn Keeper>, String> {
        let table = lock(&self.table);
        let found = table.agents.get(name).cloned();
        found.ok_or_else(|| unknown("agent", name, table.agents.keys()))
    }

    pub(super) fn driven(&self) -> Option<Scheduler> {
        lock(&self.table).scheduler.clone()
    }
}

impl fmt::Debug for Exports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Exports").field(&self.names()).finish()
    }
}

fn unknown<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a Arc<str>>) -> String {
    let names: Vec<String> = names.take(64).map(|name| format!("{name:?}")).collect();
    // Cut, as a name can be as long as its form.
    let name: String = name.chars().take(64).collect();
    if names.is_empty() {
        format!("no {what} {name:?} is exported, and no other")
    } else {
        format!(
            "no {what} {name:?} is exported; there is {}",
            names.join(", ")
        )
    }
}
