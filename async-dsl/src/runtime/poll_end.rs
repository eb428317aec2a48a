//! What is to happen when a poll is over, and whether it has ended by a panic.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::running::{PollEnd, Polling, with};

/// Runs `callback` with `None`; or, if the thread is unwinding from a panic of the task it polls (or of
/// the `thread!` closure it runs), keeps it until that panic was caught, and runs it with the message.
pub(crate) fn when_poll_ends(callback: PollEnd) {
    let now = with(|here| {
        let is_caught = matches!(
            here.polling.get(),
            Polling::Task(_) | Polling::Ending(_) | Polling::Thread
        );
        if !is_caught || !(here.unwound.get() || std::thread::panicking()) {
            return Some(callback);
        }
        here.poll_ends.with(|list| list.push(callback));
        here.poll_end_count.set(here.poll_end_count.get() + 1);
        None
    });
    if let Some(callback) = now {
        callback(None);
    }
}

/// Collects the callbacks of [`when_poll_ends`] from its creation on.
pub(crate) struct PollEnds {
    before: usize,
    outer_unwound: bool,
    /// Whether the task that this thread polls is to be dropped instead.
    pub(crate) is_ending: bool,
}

impl PollEnds {
    #[inline]
    pub(crate) fn new() -> Self {
        with(|here| Self {
            before: here.poll_end_count.get(),
            outer_unwound: here.unwound.replace(false),
            is_ending: matches!(here.polling.get(), Polling::Ending(_)),
        })
    }

    /// From now on what is dropped is dropped because of a panic.
    #[allow(clippy::unused_self)] // only a collector may be told so
    pub(crate) fn unwound(&self) {
        with(|here| here.unwound.set(true));
    }

    /// Runs the callbacks. Returns the panics of those that panicked.
    #[inline]
    pub(crate) fn run(self, message: Option<&str>) -> Vec<Box<dyn Any + Send>> {
        let waiting = with(|here| {
            here.unwound.set(self.outer_unwound);
            here.poll_end_count.replace(self.before) > self.before
        });
        if waiting {
            self.run_all(message)
        } else {
            Vec::new()
        }
    }

    #[cold]
    fn run_all(self, message: Option<&str>) -> Vec<Box<dyn Any + Send>> {
        let callbacks = with(|here| {
            here.poll_ends.with(|list| match self.before {
                0 => mem::take(list), // with its memory, which the thread would leak
                before => list.split_off(before),
            })
        });
        callbacks
            .into_iter()
            .filter_map(|callback| catch_unwind(AssertUnwindSafe(|| callback(message))).err())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc;

    use super::*;
    use crate::runtime::task::error::TaskError;
    use crate::scheduler::Scheduler;

    /// Calls back when it is dropped.
    struct OnDrop(mpsc::Sender<Option<String>>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            let told = self.0.clone();
            when_poll_ends(Box::new(move |message| {
                told.send(message.map(String::from)).unwrap();
            }));
        }
    }

    #[test]
    fn what_a_panic_drops_learns_its_message() {
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let (first, second) = (OnDrop(sender.clone()), OnDrop(sender));
        let task = scheduler.spawn(async move {
            let _first = first;
            drop(second);
            let one = std::hint::black_box(1);
            assert!(one == 2, "no luck with {one}");
        });
        let outcome = scheduler.block_on(task.outcome());
        assert!(matches!(outcome, Err(TaskError::Panicked(_))));
        assert_eq!(told.recv().unwrap(), None);
        assert_eq!(told.recv().unwrap().as_deref(), Some("no luck with 1"));
    }

    #[test]
    fn a_panic_the_task_catches_itself_has_no_message() {
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let held = OnDrop(sender);
        scheduler.spawn(async move {
            let caught = catch_unwind(AssertUnwindSafe(move || {
                let _held = held;
                std::panic::resume_unwind(Box::new("caught"));
            }));
            assert!(caught.is_err());
        });
        scheduler.run_once();
        assert_eq!(told.recv().unwrap(), None);
    }

    #[test]
    fn a_field_of_a_hand_written_future_learns_it_too() {
        struct Fut(#[allow(dead_code)] OnDrop);
        impl Future for Fut {
            type Output = ();
            fn poll(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<()> {
                std::panic::resume_unwind(Box::new(String::from("by hand")));
            }
        }
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let task = scheduler.spawn(Fut(OnDrop(sender)));
        assert!(scheduler.block_on(task.outcome()).is_err());
        assert_eq!(told.recv().unwrap().as_deref(), Some("by hand"));
    }

    #[test]
    fn a_thread_closure_is_a_poll_of_its_own() {
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let held = OnDrop(sender);
        let task = scheduler.enter(|| {
            crate::runtime::task::thread::spawn_thread(move || {
                let _held = held;
                std::panic::resume_unwind(Box::new("in a thread"));
            })
        });
        assert!(scheduler.block_on(task.outcome()).is_err());
        assert_eq!(told.recv().unwrap().as_deref(), Some("in a thread"));
    }
}
