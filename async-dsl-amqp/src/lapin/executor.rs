//! What `lapin` runs its tasks on: our scheduler.

use async_dsl::scheduler::Scheduler;
use async_dsl::task::{CancelToken, Task, spawn_thread};
use async_rs::traits::Executor;
use async_rs::util::{Task as Handle, TaskImpl};
use async_trait::async_trait;
use futures_lite::future::or;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tracing::subscriber::{DefaultGuard, NoSubscriber, set_default};

/// Starts the tasks of one connection on the scheduler on which it was made, and ends them with it: after a connect that failed
/// `lapin` leaves one behind, which waits for itself.
#[derive(Clone, Debug)]
pub(super) struct OnDsl {
    pub(super) scheduler: Scheduler,
    /// Cancelled when nobody waits for anything of this connection any more.
    pub(super) gone: CancelToken,
}

impl Executor for OnDsl {
    type Task<T: Send + 'static> = OfDsl<T>;

    /// Called by `lapin`'s own thread only, to connect and to close.
    fn block_on<T, F: Future<Output = T>>(&self, future: F) -> T {
        keep_quiet();
        async_io::block_on(future)
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        future: F,
    ) -> Handle<OfDsl<T>> {
        let gone = self.gone.cancelled();
        let task = async move {
            or(async { Some(future.await) }, async {
                gone.await;
                None
            })
            .await
        };
        OfDsl(Some(self.scheduler.spawn(task))).into()
    }

    fn spawn_blocking<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(
        &self,
        f: F,
    ) -> Handle<OfDsl<T>> {
        OfDsl(Some(self.scheduler.enter(|| spawn_thread(|| Some(f()))))).into()
    }
}

thread_local! {
    static QUIET: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
}

/// `lapin`'s thread logs returned messages with their content, and at its lowest level frames that have credentials. What users
/// need to know of a connection, we tell them.
fn keep_quiet() {
    QUIET.with_borrow_mut(|quiet| {
        quiet.get_or_insert_with(|| set_default(NoSubscriber::new()));
    });
}

/// A task that `lapin` started, whose output is `None` if the connection was gone first. Dropping it detaches it, as with ours.
#[derive(Debug)]
pub(super) struct OfDsl<T>(Option<Task<Option<T>>>);

impl<T: Send + 'static> Future for OfDsl<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let task = self
            .0
            .as_mut()
            .expect("a task that was cancelled is not awaited");
        match Pin::new(task).poll(cx) {
            Poll::Ready(Some(output)) => Poll::Ready(output),
            // Nobody is left who could wait.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

#[async_trait]
impl<T: Send + 'static> TaskImpl for OfDsl<T> {
    async fn cancel(&mut self) -> Option<T> {
        self.0.take()?.cancel().await?
    }
}
