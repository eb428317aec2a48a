//! Taking a snapshot: reading tables, channels, queues and slots, and joining the parts.
//!
//! Each lock is held while its own data is copied, and no two at a time. Where tasks are parked is read before what is
//! ready and running: a task that moved on in between is then not reported as parked.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::lost::{Doing, look_again};
use super::places::{InLine, active, ago, place, places};
use super::rows::{self, Owners};
use super::view::{
    AgentInfo, AgentState, BlockOnInfo, ChannelInfo, ChannelUser, GroupInfo, GroupKind, Parked,
    Snapshot, TaskInfo, TaskState, Waiter, WaitsFor,
};
use crate::runtime::handle::Handle;
use crate::runtime::id::TaskId;
use crate::runtime::place::At;
use crate::runtime::row::RowId;
use crate::runtime::running::entered;
use crate::runtime::table::Listed;
use crate::runtime::tick::millis;
use crate::runtime::{blocked, schedulers};
use crate::{agent, chan, group};

/// Which tasks are in the snapshot.
pub(super) enum Scope {
    /// Those of one scheduler, and the channels related to it.
    Of(Handle),
    /// All of them, and all channels.
    Process,
}

impl Scope {
    /// Returns the scheduler of this thread, or all of them on a thread of none.
    pub(super) fn here() -> Self {
        entered().map_or(Self::Process, Self::Of)
    }

    fn schedulers(&self) -> Vec<Handle> {
        match self {
            Self::Of(handle) => vec![handle.clone()],
            Self::Process => {
                let mut all = schedulers::alive();
                all.extend(Handle::global_if_started());
                all
            }
        }
    }

    /// Whether something that was made on scheduler `made_on` is in scope.
    fn holds(&self, made_on: u16) -> bool {
        match self {
            Self::Of(handle) => handle.number() == made_on,
            Self::Process => true,
        }
    }
}

type Lines = HashMap<u64, Vec<InLine>>;

/// The full ids of the tasks and threads in the snapshot, by the short ids that waiters carry.
type Ids = HashMap<u32, u64>;

/// The names of the blocked threads, by the short ids that waiters carry.
type Names = HashMap<u32, String>;

pub(super) fn take(scope: &Scope) -> Snapshot {
    let schedulers = scope.schedulers();
    let numbers: HashSet<u16> = schedulers.iter().map(Handle::number).collect();
    let listed: Vec<(usize, Vec<Listed>)> = schedulers
        .iter()
        .enumerate()
        .map(|(index, handle)| (index, handle.tasks()))
        .collect();
    let threads = blocked::all();
    let names: Names = threads
        .iter()
        .map(|waiting| {
            (
                waiting.id.short(),
                waiting.thread.name().unwrap_or("unnamed").into(),
            )
        })
        .collect();
    let threads: Vec<_> = threads
        .into_iter()
        .filter(|waiting| {
            matches!(scope, Scope::Process) || numbers.contains(&waiting.drives.unwrap_or(0))
        })
        .collect();
    let ids: Ids = listed
        .iter()
        .flat_map(|(_, tasks)| tasks)
        .map(|task| task.id)
        .chain(threads.iter().map(|waiting| waiting.id))
        .map(|id| (id.short(), id.get()))
        .collect();
    let real = millis(Instant::now());
    let mut tables = rows::read();
    let owners = rows::owners(&tables);
    let mut lines = Lines::new();
    let channels = channels(scope, (&ids, &names, &owners), real, &mut lines);
    let active = active(&schedulers);
    let mut seen: Vec<(usize, Listed, Option<Doing>)> = Vec::with_capacity(ids.len());
    for (index, listed) in listed {
        let now = millis(schedulers[index].clock().now());
        seen.extend(listed.into_iter().map(|listed| {
            let id = listed.id.get();
            let doing = active.get(&id).map(|state| Doing::Active(*state));
            let doing = doing.or_else(|| {
                let line = lines.remove(&id).unwrap_or_default();
                Doing::parked(places(line, listed.note, now))
            });
            (index, listed, doing)
        }));
    }
    let lost = seen.iter().filter(|(.., doing)| doing.is_none());
    let lost = lost.map(|(_, listed, _)| listed.id.get()).collect();
    let mut found = look_again(&schedulers, lost);
    let tasks = seen.into_iter().filter_map(|(index, listed, doing)| {
        let doing = doing.or_else(|| found.remove(&listed.id.get()));
        let (state, parked) = match doing {
            Some(Doing::Ended) => return None,
            Some(Doing::Active(state)) => (state, Vec::new()),
            Some(Doing::Parked(places)) => (TaskState::Parked, places),
            None => (TaskState::Parked, Vec::new()),
        };
        Some(TaskInfo {
            number: listed.id.number(),
            scheduler: schedulers[index].number(),
            name: listed.name.map(Into::into),
            started_at: listed.started_at.into(),
            state,
            since: parked.iter().filter_map(|place| place.since).max(),
            parked,
        })
    });
    let mut tasks: Vec<TaskInfo> = tasks.collect();
    tasks.sort_by_key(|task| (task.scheduler, task.number));
    let blocked: Vec<BlockOnInfo> = threads
        .into_iter()
        .map(|waiting| BlockOnInfo {
            thread: waiting.thread.name().map(Into::into),
            call: waiting.call,
            called_at: waiting.called_at.into(),
            parked: if waiting.is_parked() {
                let line = lines.remove(&waiting.id.get()).unwrap_or_default();
                called(&waiting, places(line, waiting.note, real))
            } else {
                Vec::new()
            },
        })
        .collect();
    let wanted = rows_wanted(&tasks, &blocked, &channels);
    let names = channels.iter();
    let names = names.filter_map(|channel| Some((channel.shown_by?, channel.name.clone()?)));
    rows::name(&mut tables, names.collect());
    rows::keep(&mut tables, |made_on| scope.holds(made_on), wanted);
    Snapshot {
        tasks,
        blocked,
        channels,
        agents: agents(scope),
        groups: groups(scope),
        tables,
    }
}

/// Returns the rows that the other parts name.
fn rows_wanted(
    tasks: &[TaskInfo],
    blocked: &[BlockOnInfo],
    channels: &[ChannelInfo],
) -> HashSet<RowId> {
    let waiting = tasks.iter().flat_map(|task| &task.parked);
    let waiting = waiting.chain(blocked.iter().flat_map(|blocked| &blocked.parked));
    let waited_for = waiting.filter_map(|place| match place.waits_for {
        WaitsFor::Row(row) => Some(row),
        _ => None,
    });
    let standing = channels.iter().filter_map(|channel| channel.shown_by);
    waited_for.chain(standing).collect()
}

/// Reads the channels related to `scope`, and adds the waiters that are in `ids` to `lines`.
fn channels(
    scope: &Scope,
    (ids, names, owners): (&Ids, &Names, &Owners),
    now: u32,
    lines: &mut Lines,
) -> Vec<ChannelInfo> {
    let mut channels = Vec::new();
    for living in chan::living() {
        let seen = living.it.look();
        let mut concerns = scope.holds(living.made_on);
        let owner = owners.get(&living.number).copied();
        let mut note = |waiting: &chan::SeenWaiter, waits_for| {
            let (who, since) = waiting.stamp.get();
            if let Some(&id) = ids.get(&who) {
                concerns = true;
                lines.entry(id).or_default().push(InLine {
                    at: waiting.at,
                    since,
                    waits_for: owner.map_or(waits_for, WaitsFor::Row),
                });
            }
        };
        if let Some(seen) = &seen {
            for waiting in &seen.takers {
                note(waiting, WaitsFor::Take(living.number));
            }
            for waiting in &seen.putters {
                note(waiting, WaitsFor::Put(living.number));
            }
        }
        if concerns {
            let mut channel = channel(&living, seen, (ids, names), now);
            channel.shown_by = owner;
            channels.push(channel);
        }
    }
    channels
}

fn channel(
    living: &crate::runtime::registry::Living<dyn chan::Inspected>,
    seen: Option<chan::Seen>,
    (ids, names): (&Ids, &Names),
    now: u32,
) -> ChannelInfo {
    let (putters, takers) = living.it.handles();
    let mut info = ChannelInfo {
        number: living.number,
        name: living.name.clone().map(Into::into),
        made_at: living.it.made_at().into(),
        kind: None,
        len: 0,
        capacity: None,
        closed: false,
        parked_putters: Vec::new(),
        parked_takers: Vec::new(),
        putters,
        takers,
        used_by: Vec::new(),
        last_put_by: None,
        last_taken_by: None,
        puts: 0,
        takes: 0,
        discarded: 0,
        high_water: 0,
        longest_wait: Duration::ZERO,
        shown_by: None,
        is_busy: seen.is_none(),
        is_split: living.it.is_split(),
    };
    if let Some(seen) = seen {
        let waiter = |waiting: chan::SeenWaiter| {
            let (who, since) = waiting.stamp.get();
            Waiter {
                task: ids.get(&who).copied().and_then(TaskId::task_number),
                thread: names.get(&who).cloned(),
                place: waiting.at.place(),
                since: ago(since, now),
            }
        };
        info.kind = Some(seen.kind);
        (info.len, info.capacity, info.closed) = (seen.len, seen.capacity, seen.closed);
        info.puts = seen.stats.puts;
        info.takes = seen.stats.takes;
        info.discarded = seen.stats.discarded;
        info.high_water = seen.stats.high_water;
        let number = |who: TaskId| TaskId::task_number(who.get());
        info.last_put_by = seen.users.last_put(seen.stats.puts).and_then(number);
        info.last_taken_by = seen.users.last_take(seen.stats.takes).and_then(number);
        let users = seen.users.users.into_iter();
        info.used_by = users
            .map(|user| ChannelUser {
                task: number(user.who),
                started_at: user.line.into(),
                puts: user.puts.into(),
                takes: user.takes.into(),
            })
            .collect();
        info.parked_putters = seen.putters.into_iter().map(waiter).collect();
        info.parked_takers = seen.takers.into_iter().map(waiter).collect();
        let waiting = info.parked_putters.iter().chain(&info.parked_takers);
        let longest = waiting.map(|waiter| waiter.since).max().unwrap_or_default();
        info.longest_wait = longest.max(Duration::from_millis(u64::from(seen.longest_wait)));
    }
    info
}

fn agents(scope: &Scope) -> Vec<AgentInfo> {
    let living = agent::living().into_iter();
    let living = living.filter(|living| scope.holds(living.made_on));
    living
        .map(|living| {
            let seen = living.it.look();
            AgentInfo {
                number: living.number,
                name: living.name.map(Into::into),
                made_at: living.it.made_at().into(),
                queued: seen.queued,
                state: match (&seen.error, seen.running) {
                    (Some(_), _) => AgentState::Failed,
                    (None, true) => AgentState::Running,
                    (None, false) => AgentState::Idle,
                },
                error: seen.error.map(|error| error.to_string()),
            }
        })
        .collect()
}

fn groups(scope: &Scope) -> Vec<GroupInfo> {
    let living = group::living().into_iter();
    let living = living.filter(|living| scope.holds(living.made_on));
    living
        .map(|living| {
            let seen = living.it.look();
            GroupInfo {
                number: living.number,
                name: living.name.map(Into::into),
                made_at: seen.made_at.into(),
                kind: match seen.kind {
                    group::inspected::Kind::Group => GroupKind::Group,
                    group::inspected::Kind::Scope => GroupKind::Scope,
                    group::inspected::Kind::Pipeline => GroupKind::Pipeline,
                },
                tasks: seen.tasks.iter().map(|id| id.number()).collect(),
                running: seen.running,
                ended: seen.untaken,
                limit: seen.limit,
            }
        })
        .collect()
}

/// Returns where a thread is parked: in a blocking twin, the place of its call.
fn called(waiting: &blocked::Waiting, mut parked: Vec<Parked>) -> Vec<Parked> {
    if waiting.call == blocked::BLOCK_ON {
        return parked;
    }
    if waiting.is_timed && !parked.is_empty() {
        parked.push(place(At::UNKNOWN, None, WaitsFor::Time, 0));
    }
    for place in &mut parked {
        place.place = Some(waiting.called_at.into());
        place.text = format!(".{}()", waiting.call);
    }
    parked
}
