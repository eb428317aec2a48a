//! Who would have to act for a parked task to go on.

use crate::inspect::rows::RowInfo;
use crate::inspect::view::{ChannelInfo, Snapshot, Waiter, WaitsFor};

/// Returns for what a task, or a thread, waits in a channel that the row stands for.
pub(super) fn inside(row: &RowInfo, own: Option<u64>, snapshot: &Snapshot) -> Option<WaitsFor> {
    row.stands_for.iter().find_map(|number| {
        let mut channels = snapshot.channels.iter();
        let channel = channels.find(|channel| channel.number == *number)?;
        let waits = |waiters: &[Waiter]| waiters.iter().any(|waiter| waiter.task == own);
        if waits(&channel.parked_takers) {
            Some(WaitsFor::Take(*number))
        } else {
            waits(&channel.parked_putters).then_some(WaitsFor::Put(*number))
        }
    })
}

/// Returns the tasks that would have to act for a task, or a thread, that waits for that, as far as they are known.
pub(super) fn actors(waits_for: WaitsFor, own: Option<u64>, snapshot: &Snapshot) -> Vec<u64> {
    let channel = |number: u64| {
        snapshot
            .channels
            .iter()
            .find(|channel| channel.number == number)
    };
    let alive = |number: &u64| snapshot.tasks.iter().any(|task| task.number == *number);
    let mut actors: Vec<u64> = match waits_for {
        WaitsFor::End { number, .. } => vec![number],
        WaitsFor::Take(number) => channel(number).map_or_else(Vec::new, |channel| {
            // If takers put back what they took, the last taker has it.
            let holder = channel.last_taken_by.filter(|_| channel.len == 0);
            let holder = holder.filter(|holder| {
                let mut users = channel.used_by.iter();
                users.any(|user| user.task == Some(*holder) && user.puts > 0 && user.takes > 0)
                    || puts_back(channel)
            });
            if let Some(holder) = holder {
                vec![holder]
            } else {
                let users = channel.used_by.iter().filter(|user| user.puts > 0);
                users.filter_map(|user| user.task).collect()
            }
        }),
        WaitsFor::Put(number) => channel(number).map_or_else(Vec::new, |channel| {
            let users = channel.used_by.iter().filter(|user| user.takes > 0);
            users.filter_map(|user| user.task).collect()
        }),
        WaitsFor::Group(number) => {
            let mut groups = snapshot.groups.iter();
            let group = groups.find(|group| group.number == number);
            group.map_or_else(Vec::new, |group| group.tasks.clone())
        }
        // Those who do its work, and those on the other side of the channel that it stands for.
        WaitsFor::Row(id) => snapshot.row(id).map_or_else(Vec::new, |row| {
            let mut tasks = row.tasks.clone();
            if let Some(inside) = inside(row, own, snapshot) {
                tasks.extend(actors(inside, own, snapshot));
            }
            tasks
        }),
        WaitsFor::Answer(_)
        | WaitsFor::Settling(_)
        | WaitsFor::Time
        | WaitsFor::Closure
        | WaitsFor::Socket
        | WaitsFor::Foreign
        | WaitsFor::Nothing => Vec::new(),
    };
    actors.retain(alive);
    actors
}

/// Whether a channel looks like a lock: it holds one value at most, and started full.
fn puts_back(channel: &ChannelInfo) -> bool {
    channel.capacity == Some(1) && channel.high_water == 1 && channel.takes == channel.puts
}
