//! Schedulers of one's own beside tokio, with the feature `tokio`.

use tokio::runtime::Handle as Tokio;

use super::Scheduler;

impl Scheduler {
    /// Makes each thread that drives this scheduler enter a tokio runtime meanwhile, as
    /// [`set_tokio`](crate::scheduler::set_tokio) does for the global one, and returns it. With the feature `tokio`.
    ///
    /// Tasks that wait for tokio are woken by the threads of that runtime, at the real time: the clock of a
    /// [`virtual_time`](Scheduler::virtual_time) scheduler does not wait for them.
    ///
    /// # Panics
    ///
    /// On the global scheduler, on a simulated one, which other threads must not wake, and if it has a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::scheduler::Scheduler;
    /// use std::time::Duration;
    ///
    /// let runtime = tokio::runtime::Runtime::new()?;
    /// let scheduler = Scheduler::manual().with_tokio(runtime.handle().clone());
    /// scheduler.block_on(async {
    ///     let task = go!({ tokio::time::sleep(Duration::from_millis(1)).await });
    ///     task.await;
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_tokio(self, handle: Tokio) -> Self {
        assert!(
            self.handle().sim().is_none(),
            "a simulated scheduler cannot have a tokio runtime, whose threads keep to no schedule"
        );
        let Some(own) = self.handle().tokio() else {
            panic!("the tokio runtime of the global scheduler is set by `scheduler::set_tokio`")
        };
        assert!(own.set(handle).is_ok(), "the scheduler has a tokio runtime");
        self
    }
}
