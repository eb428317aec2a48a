//! The run queue in every interleaving, with numbers for tasks.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use loom::future::block_on;
use loom::sync::Notify;
use loom::thread;

use super::{How, Item, Local, Next, RunQueue};
use crate::runtime::sync::model;

mod in_order;

/// What became of each number. The counts are std's atomics: nothing is to be interleaved with them.
#[derive(Default)]
struct Book {
    handed_out: [AtomicUsize; 2],
    discarded: [AtomicUsize; 2],
    /// A call of `stop` has returned. This is loom's: whoever sees it has seen what the stop did.
    stopped: loom::sync::atomic::AtomicBool,
}

impl Book {
    fn total(numbers: &[AtomicUsize; 2]) -> usize {
        numbers.iter().map(|n| n.load(Ordering::Relaxed)).sum()
    }

    /// Each number was either handed out or discarded, once.
    fn check(&self) {
        for (out, discarded) in self.handed_out.iter().zip(&self.discarded) {
            let out = out.load(Ordering::Relaxed);
            assert_eq!(out + discarded.load(Ordering::Relaxed), 1);
        }
    }
}

struct Number(usize, Arc<Book>);

impl Item for Number {
    fn discard(self) {
        self.1.discarded[self.0].fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Default)]
struct World {
    queue: Arc<Queue>,
    book: Arc<Book>,
}

struct Queue(RunQueue<Number>);

impl Default for Queue {
    fn default() -> Self {
        Self(RunQueue::new(0, 0))
    }
}

impl World {
    /// One whose workers and guests have parts of their own.
    fn with_parts(workers: usize, guests: usize) -> Self {
        Self {
            queue: Arc::new(Queue(RunQueue::new(workers, guests))),
            ..Self::default()
        }
    }

    /// Pushes to a worker's own part, as what is woken on its thread is.
    fn push_to(&self, local: Option<&Local<Number>>, number: usize, how: How) {
        let item = Number(number, Arc::clone(&self.book));
        let item = match local {
            Some(local) => local.push(item, how),
            None => Err(item),
        };
        if let Err(item) = item {
            self.queue.0.push(item);
        }
    }

    fn push(&self, number: usize) {
        self.queue.0.push(Number(number, Arc::clone(&self.book)));
    }

    fn pushes(&self, number: usize) -> thread::JoinHandle<()> {
        let world = self.clone();
        thread::spawn(move || world.push(number))
    }

    fn stop(&self) {
        self.queue.0.stop();
        self.book.stopped.store(true, Ordering::Release);
    }

    /// Notes that a number was handed out, and returns how many are by now.
    fn handed_out(&self, number: &Number) -> usize {
        self.book.handed_out[number.0].fetch_add(1, Ordering::Relaxed);
        Book::total(&self.book.handed_out)
    }

    /// A worker that takes numbers until the queue is stopped.
    fn works(&self, mut take: impl FnMut(&Number) + 'static) -> thread::JoinHandle<()> {
        self.works_with(move |number, _| take(number))
    }

    /// The same of one that pushes to its own part.
    fn works_with(
        &self,
        mut take: impl FnMut(&Number, Option<&Local<Number>>) + 'static,
    ) -> thread::JoinHandle<()> {
        let world = self.clone();
        thread::spawn(move || {
            let mut worker = world.queue.0.worker();
            let local = worker.local();
            block_on(poll_fn(|cx| {
                loop {
                    let was_stopped = world.book.stopped.load(Ordering::Acquire);
                    match worker.next() {
                        Next::Run(number) => {
                            assert!(!was_stopped, "handed out after the stop");
                            take(&number, local.as_deref());
                        }
                        Next::Stopped => return Poll::Ready(()),
                        Next::Empty if worker.park(cx.waker()) => return Poll::Pending,
                        Next::Empty => {}
                    }
                }
            }));
            drop(local);
        })
    }
}

/// The one who gets the last of them stops the queue: a worker that is not woken for one waits for ever.
#[test]
fn two_workers_get_each_of_two_numbers_once() {
    model(2, || {
        let world = World::default();
        let workers = [0, 1].map(|_| {
            let own = world.clone();
            world.works(move |number| {
                if own.handed_out(number) == 2 {
                    own.stop();
                }
            })
        });
        let pushes = world.pushes(0);
        world.push(1);
        pushes.join().unwrap();
        for worker in workers {
            worker.join().unwrap();
        }
        world.book.check();
        assert_eq!(Book::total(&world.book.discarded), 0);
    });
}

/// The first waits, in its turn, for the second, which needs another worker.
#[test]
fn an_idle_worker_is_woken_for_what_another_does_not_come_to() {
    model(3, || {
        let world = World::default();
        let both = Arc::new(Notify::new());
        let workers = [0, 1].map(|_| {
            let (own, both) = (world.clone(), Arc::clone(&both));
            world.works(move |number| {
                if own.handed_out(number) == 1 {
                    both.wait();
                } else {
                    both.notify();
                    own.stop();
                }
            })
        });
        world.push(0);
        world.push(1);
        for worker in workers {
            worker.join().unwrap();
        }
        world.book.check();
    });
}

#[test]
fn a_stop_at_any_moment_loses_nothing() {
    model(3, || {
        let world = World::default();
        let own = world.clone();
        let worker = world.works(move |number| {
            own.handed_out(number);
        });
        let pushes = world.pushes(0);
        let own = world.clone();
        let stops = thread::spawn(move || own.stop());
        world.push(1);
        for thread in [worker, pushes, stops] {
            thread.join().unwrap();
        }
        world.book.check();
    });
}

#[test]
fn a_stop_wakes_every_idle_worker() {
    model(3, || {
        let world = World::default();
        let workers = [0, 1].map(|_| world.works(|_| unreachable!()));
        world.stop();
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

/// A driver of a scheduler is woken as a worker, takes what is there otherwise, and goes.
#[test]
fn a_worker_that_goes_leaves_what_it_was_woken_for_to_another() {
    model(3, || {
        let world = World::default();
        let own = world.clone();
        let stays = world.works(move |number| {
            if own.handed_out(number) == 2 {
                own.stop();
            }
        });
        let own = world.clone();
        let pushes = thread::spawn(move || {
            own.push(0);
            own.push(1);
        });
        let mut goes = world.queue.0.worker();
        let mut looks = 0;
        block_on(poll_fn(|cx| {
            looks += 1;
            if let Next::Run(number) = world.queue.0.pop() {
                if world.handed_out(&number) == 2 {
                    world.stop();
                }
            }
            if goes.park(cx.waker()) && looks == 1 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        }));
        drop(goes);
        for thread in [stays, pushes] {
            thread.join().unwrap();
        }
        world.book.check();
    });
}

/// The first pushes the second to its worker's own part, from which another may steal it. No worker is woken for it.
#[test]
fn what_a_worker_pushes_to_its_own_part_is_handed_out_once() {
    for how in [How::Started, How::Woken, How::Yielded] {
        model(2, move || {
            let world = World::with_parts(2, 0);
            let workers = [0, 1].map(|_| {
                let own = world.clone();
                world.works_with(move |number, local| {
                    if number.0 == 0 {
                        own.push_to(local, 1, how);
                    }
                    if own.handed_out(number) == 2 {
                        own.stop();
                    }
                })
            });
            world.push(0);
            for worker in workers {
                worker.join().unwrap();
            }
            world.book.check();
            assert_eq!(Book::total(&world.book.discarded), 0);
        });
    }
}

#[test]
fn a_stop_as_a_worker_pushes_to_its_own_part_loses_nothing() {
    for how in [How::Started, How::Woken] {
        model(3, move || {
            let world = World::with_parts(1, 0);
            let own = world.clone();
            let worker = world.works_with(move |number, local| {
                own.handed_out(number);
                if number.0 == 0 {
                    own.push_to(local, 1, how);
                }
            });
            world.push(0);
            world.stop();
            worker.join().unwrap();
            // The second is pushed only if the first was handed out.
            let first = world.book.handed_out[0].load(Ordering::Relaxed);
            let discarded = world.book.discarded[0].load(Ordering::Relaxed);
            assert_eq!(first + discarded, 1);
            if first == 1 {
                world.book.check();
            }
        });
    }
}

/// A worker is idle: what is woken on its own thread, in the reactor, wakes it or another.
#[test]
fn what_is_woken_on_the_thread_of_an_idle_worker_is_run() {
    model(3, || {
        let world = World::with_parts(2, 0);
        let own = world.clone();
        let other = world.works(move |number| {
            own.handed_out(number);
            own.stop();
        });
        let own = world.clone();
        let mut worker = own.queue.0.worker();
        let local = worker.local();
        let mut has_parked = false;
        block_on(poll_fn(|cx| {
            loop {
                match worker.next() {
                    Next::Run(number) => {
                        own.handed_out(&number);
                        own.stop();
                    }
                    Next::Stopped => return Poll::Ready(()),
                    Next::Empty if worker.park(cx.waker()) => {
                        if !std::mem::replace(&mut has_parked, true) {
                            own.push_to(local.as_deref(), 0, How::Woken);
                        }
                        return Poll::Pending;
                    }
                    Next::Empty => {}
                }
            }
        }));
        drop(local);
        drop(worker);
        other.join().unwrap();
        assert_eq!(world.book.handed_out[0].load(Ordering::Relaxed), 1);
    });
}

/// A thread that was waiting goes on, with something left in its part.
#[test]
fn a_guest_that_goes_leaves_what_it_has_to_a_worker() {
    model(3, || {
        let world = World::with_parts(1, 1);
        let own = world.clone();
        let worker = world.works(move |number| {
            if own.handed_out(number) == 2 {
                own.stop();
            }
        });
        let guest = world.queue.0.guest().unwrap();
        let local = guest.local();
        world.push_to(local.as_deref(), 0, How::Woken);
        world.push_to(local.as_deref(), 1, How::Started);
        drop(local);
        drop(guest);
        worker.join().unwrap();
        world.book.check();
    });
}

/// A look at what is ready takes it out of a worker's part.
#[test]
fn what_is_looked_at_is_handed_out_all_the_same() {
    model(2, || {
        let world = World::with_parts(1, 0);
        let own = world.clone();
        let worker = world.works_with(move |number, local| {
            if number.0 == 0 {
                own.push_to(local, 1, How::Woken);
            }
            if own.handed_out(number) == 2 {
                own.stop();
            }
        });
        world.push(0);
        assert!(world.queue.0.ready(|number| number.0).len() <= 2);
        worker.join().unwrap();
        world.book.check();
    });
}
