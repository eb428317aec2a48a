//! The slots in every interleaving, with an alarm and a time of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Wake, Waker};

use loom::sync::atomic::AtomicU64;
use loom::thread;

use super::{Alarm, End, Key, Slots};
use crate::runtime::sync::model;

/// Not set.
const NEVER: u64 = u64::MAX;

/// What time it is, and what the alarm is set to.
struct World {
    tick: AtomicU64,
    bell: AtomicU64,
}

struct Bell(Arc<World>);

impl Alarm for Bell {
    fn set(&mut self, tick: Option<u64>) {
        self.0.bell.store(tick.unwrap_or(NEVER), SeqCst);
    }
}

/// The count is std's atomic: nothing is to be interleaved with it.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[derive(Clone)]
struct Model {
    world: Arc<World>,
    slots: Arc<Slots<Bell>>,
}

struct Sleeper {
    slot: u64,
    key: Option<Key>,
    count: Arc<Count>,
}

impl Model {
    fn new() -> Self {
        let world = Arc::new(World {
            tick: AtomicU64::new(0),
            bell: AtomicU64::new(NEVER),
        });
        let slots = Arc::new(Slots::new(Bell(Arc::clone(&world))));
        Self { world, slots }
    }

    fn register(&self, slot: u64) -> Sleeper {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let key = self.slots.register(End { slot, within: 1 }, &waker);
        assert!(key.is_some() || self.world.tick.load(SeqCst) >= slot);
        Sleeper { slot, key, count }
    }

    /// It is `tick` now: the alarm goes off, as the reactor has it go off, if it is set and has come.
    fn time_is(&self, tick: u64) {
        self.world.tick.fetch_max(tick, SeqCst);
        let set_to = self.world.bell.load(SeqCst);
        if set_to <= tick
            && self
                .world
                .bell
                .compare_exchange(set_to, NEVER, SeqCst, SeqCst)
                .is_ok()
        {
            self.slots.go_off(tick);
        }
    }

    /// Who waits has an alarm, set to no tick after its slot; who does not, none.
    fn check_alarm(&self) {
        let state = crate::runtime::sync::lock(&self.slots.state);
        let bell = self.world.bell.load(SeqCst);
        match state.slots.first_key_value() {
            Some((first, _)) => assert!(bell <= *first, "somebody waits, and no alarm is set"),
            None => assert_eq!(bell, NEVER, "nobody waits, and an alarm is set"),
        }
    }

    /// Lets the time go on until no alarm is set, after which these have been woken.
    fn ends(&self, sleepers: &[Sleeper]) {
        self.check_alarm();
        let mut tick = self.world.tick.load(SeqCst);
        loop {
            let bell = self.world.bell.load(SeqCst);
            if bell == NEVER {
                break;
            }
            tick = tick.max(bell);
            self.time_is(tick);
            self.check_alarm();
        }
        for Sleeper { slot, key, count } in sleepers {
            let Some(key) = key else { continue };
            assert_eq!(count.0.load(SeqCst), 1, "woken once");
            let waker = Waker::from(Arc::clone(count));
            assert!(*slot <= tick && self.slots.poll_over(key, &waker));
        }
    }
}

/// Runs it in a thread.
fn beside<R: 'static>(
    model: &Model,
    run: impl FnOnce(&Model) -> R + 'static,
) -> thread::JoinHandle<R> {
    let model = model.clone();
    thread::spawn(move || run(&model))
}

#[test]
fn two_that_register_at_once_are_woken() {
    model(3, || {
        let model = Model::new();
        let other = beside(&model, |model| model.register(1));
        let own = model.register(2);
        let other = other.join().unwrap();
        model.ends(&[own, other]);
    });
}

#[test]
fn one_that_registers_as_the_alarm_goes_off_is_woken() {
    for slot in [1, 2, 3] {
        model(3, move || {
            let model = Model::new();
            let first = model.register(1);
            let reactor = beside(&model, |model| model.time_is(2));
            let own = model.register(slot);
            reactor.join().unwrap();
            model.ends(&[first, own]);
        });
    }
}

#[test]
fn two_that_register_as_the_time_goes_on_are_woken() {
    for (one, two) in [(1, 2), (2, 1), (2, 2), (2, 3)] {
        model(2, move || {
            let model = Model::new();
            let other = beside(&model, move |model| model.register(one));
            let reactor = beside(&model, |model| {
                model.time_is(1);
                model.time_is(2);
            });
            let own = model.register(two);
            let other = other.join().unwrap();
            reactor.join().unwrap();
            model.ends(&[own, other]);
        });
    }
}

/// Two threads of the reactor: one is called, and comes late.
#[test]
fn two_alarms_that_go_off_at_once_lose_nobody() {
    model(2, || {
        let model = Model::new();
        let first = model.register(1);
        let late = beside(&model, |model| model.time_is(1));
        let reactor = beside(&model, |model| model.time_is(2));
        let own = model.register(2);
        late.join().unwrap();
        reactor.join().unwrap();
        model.ends(&[first, own]);
    });
}

#[test]
fn one_that_is_cancelled_as_the_alarm_goes_off_leaves_nothing() {
    for other in [None, Some(1), Some(2)] {
        model(3, move || {
            let model = Model::new();
            let cancelled = model.register(1);
            let others: Vec<_> = other.map(|slot| model.register(slot)).into_iter().collect();
            let reactor = beside(&model, |model| model.time_is(1));
            model.slots.cancel(cancelled.key.as_ref().unwrap());
            reactor.join().unwrap();
            assert!(cancelled.count.0.load(SeqCst) <= 1);
            assert_eq!(Arc::strong_count(&cancelled.count), 1, "a waker was kept");
            model.ends(&others);
        });
    }
}

#[test]
fn one_that_registers_as_the_last_is_cancelled_is_woken() {
    for slot in [1, 2, 3] {
        model(3, move || {
            let model = Model::new();
            let last = model.register(2);
            let canceller = beside(&model, move |model| {
                model.slots.cancel(last.key.as_ref().unwrap());
            });
            let own = model.register(slot);
            canceller.join().unwrap();
            model.ends(&[own]);
        });
    }
}

#[test]
fn one_that_is_polled_as_the_alarm_goes_off_is_over_or_woken() {
    model(3, || {
        let model = Model::new();
        let sleeper = model.register(1);
        let reactor = beside(&model, |model| model.time_is(1));
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let is_over = model.slots.poll_over(sleeper.key.as_ref().unwrap(), &waker);
        reactor.join().unwrap();
        assert!(is_over || count.0.load(SeqCst) == 1);
        model.check_alarm();
    });
}
