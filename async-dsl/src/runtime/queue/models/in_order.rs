//! The queue of what is driven by hand.

use super::*;

impl World {
    fn in_order() -> Self {
        Self {
            queue: Arc::new(Queue(RunQueue::in_order())),
            ..Self::default()
        }
    }

    /// A driver that takes numbers until the queue is stopped.
    fn drives(&self, mut take: impl FnMut(&Number, Option<&Local<Number>>)) {
        let mut driver = self.queue.0.worker();
        let local = driver.local();
        block_on(poll_fn(|cx| {
            loop {
                for _ in 0..driver.round() {
                    if let Next::Run(number) = driver.first() {
                        take(&number, local.as_deref());
                    }
                }
                if self.queue.0.is_stopped() {
                    // What its last turn left in its part is discarded as it looks again.
                    driver.round();
                    return Poll::Ready(());
                }
                if driver.round() == 0 && driver.park(cx.waker()) {
                    return Poll::Pending;
                }
            }
        }));
        drop(local);
    }

    fn counts(&self, number: &Number) {
        if self.handed_out(number) == 2 {
            self.stop();
        }
    }

    /// The first, in its turn, pushes the second.
    fn counts_after(&self, number: &Number, local: Option<&Local<Number>>) {
        if number.0 == 0 {
            self.push_to(local, 1, How::Woken);
        }
        self.counts(number);
    }
}

/// The driver is woken for what another thread pushes, and takes it after what it has.
#[test]
fn a_driver_gets_what_it_pushes_and_what_others_push() {
    model(3, || {
        let world = World::in_order();
        let pushes = world.pushes(0);
        world.push(1);
        world.drives(|number, _| world.counts(number));
        pushes.join().unwrap();
        world.book.check();
        assert_eq!(Book::total(&world.book.discarded), 0);
    });
}

#[test]
fn another_takes_from_a_driver_what_is_in_its_part() {
    model(3, || {
        let world = World::in_order();
        let own = world.clone();
        let pops = thread::spawn(move || {
            if let Next::Run(number) = own.queue.0.pop() {
                own.counts_after(&number, None);
            }
        });
        world.push(0);
        world.drives(|number, local| world.counts_after(number, local));
        pops.join().unwrap();
        world.book.check();
    });
}

/// Of two drivers the first has a part of its own until the second comes.
#[test]
fn two_drivers_share_what_there_is() {
    model(2, || {
        let world = World::in_order();
        let own = world.clone();
        let other = thread::spawn(move || {
            own.drives(|number, local| own.counts_after(number, local));
        });
        world.push(0);
        world.drives(|number, local| world.counts_after(number, local));
        other.join().unwrap();
        world.book.check();
    });
}

#[test]
fn a_stop_as_a_driver_pushes_to_its_own_part_loses_nothing() {
    model(3, || {
        let world = World::in_order();
        let own = world.clone();
        let stops = thread::spawn(move || own.stop());
        world.push(0);
        world.drives(|number, local| {
            world.handed_out(number);
            if number.0 == 0 {
                world.push_to(local, 1, How::Woken);
            }
        });
        stops.join().unwrap();
        let first = world.book.handed_out[0].load(Ordering::Relaxed);
        let discarded = world.book.discarded[0].load(Ordering::Relaxed);
        assert_eq!(first + discarded, 1);
        if first == 1 {
            world.book.check();
        }
    });
}
