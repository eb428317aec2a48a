//! Tasks that leave the table by the round.

use std::panic::Location;

use super::*;

fn tasks(table: &TaskTable, shard: usize, count: usize) -> Vec<(Key, TaskId)> {
    let insert = |_| {
        table.insert(shard, Location::caller(), None, |key, id| {
            ((key, id), Waker::noop().clone())
        })
    };
    let made = (0..count).map(insert).map(|((key, id), _)| (key, id));
    made.map(|(key, id)| (key.expect("it is open"), id))
        .collect()
}

/// So many entries are there, ended or not.
fn entries(table: &TaskTable) -> usize {
    let shards = table.shards.iter();
    shards.map(|shard| lock(shard).tasks.len()).sum()
}

#[test]
fn what_another_worker_has_ended_is_seen_by_nobody_and_removed_soon() {
    let table = TaskTable::new(3, 0);
    let made = tasks(&table, 1, MOST_LEFT + 10);
    for (key, _) in &made[..MOST_LEFT - 1] {
        table.leave(*key, Some(2));
    }
    assert_eq!(entries(&table), made.len());
    table.leave(made[MOST_LEFT - 1].0, Some(2));
    assert_eq!(entries(&table), 10);

    table.leave(made[MOST_LEFT].0, Some(2));
    assert_eq!(table.len(), 9);
    table.leave(made[MOST_LEFT + 1].0, Some(2));
    assert_eq!(table.lines().len(), 8);
    table.leave(made[MOST_LEFT + 2].0, Some(2));
    assert_eq!(table.list().len(), if INSPECTS { 7 } else { 0 });
    table.leave(made[MOST_LEFT + 3].0, Some(2));
    table.end_round(2);
    assert_eq!(entries(&table), 6);
}

#[test]
fn who_spawned_it_or_is_no_worker_removes_a_task_at_once() {
    let table = TaskTable::new(3, 0);
    let made = tasks(&table, 1, 3);
    for (left, worker) in [(2, Some(1)), (1, Some(FOREIGN)), (0, None)] {
        table.leave(made[left].0, worker);
        assert_eq!(entries(&table), left);
    }
}

#[test]
fn one_that_is_cancelled_after_its_end_is_forgotten_with_the_round() {
    let table = TaskTable::new(3, 0);
    let made = tasks(&table, 1, 1);
    let (key, id) = made[0];
    table.leave(key, Some(2));
    assert!(table.cancel(key, id).is_some());
    assert!(table.is_cancelled(key));
    table.end_round(2);
    assert!(!table.is_cancelled(key));
    assert!(table.cancel(key, id).is_none());
}
