//! The run queue in every interleaving, with numbers for tasks.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

use loom::future::block_on;
use loom::sync::Notify;
use loom::thread;

use super::{Item, Next, RunQueue};
use crate::runtime::sync::model;

/// What became of each number. These are std's atomics: nothing is to be interleaved with them.
#[derive(Default)]
struct Book {
    handed_out: [AtomicUsize; 2],
    discarded: [AtomicUsize; 2],
    /// A call of `stop` has returned.
    stopped: AtomicBool,
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
        Self(RunQueue::new())
    }
}

impl World {
    fn push(&self, number: usize) {
        self.queue.0.push(Number(number, Arc::clone(&self.book)));
    }

    fn pushes(&self, number: usize) -> thread::JoinHandle<()> {
        let world = self.clone();
        thread::spawn(move || world.push(number))
    }

    fn stop(&self) {
        self.queue.0.stop();
        self.book.stopped.store(true, Ordering::Relaxed);
    }

    /// Notes that a number was handed out, and returns how many are by now.
    fn handed_out(&self, number: &Number) -> usize {
        self.book.handed_out[number.0].fetch_add(1, Ordering::Relaxed);
        Book::total(&self.book.handed_out)
    }

    /// A worker that takes numbers until the queue is stopped.
    fn works(&self, mut take: impl FnMut(&Number) + 'static) -> thread::JoinHandle<()> {
        let world = self.clone();
        thread::spawn(move || {
            let mut worker = world.queue.0.worker();
            block_on(poll_fn(|cx| {
                loop {
                    let was_stopped = world.book.stopped.load(Ordering::Relaxed);
                    match worker.next() {
                        Next::Run(number) => {
                            assert!(!was_stopped, "handed out after the stop");
                            take(&number);
                        }
                        Next::Stopped => return Poll::Ready(()),
                        Next::Empty if worker.park(cx.waker()) => return Poll::Pending,
                        Next::Empty => {}
                    }
                }
            }));
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
