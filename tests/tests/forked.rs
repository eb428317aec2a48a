//! A process that forks. A program without the harness: the thread that forks is then the only one that matters, and no
//! other holds a lock as it does.

#[cfg(target_os = "linux")]
mod linux {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::process::{Command, exit};
    use std::thread;
    use std::time::{Duration, Instant};

    use async_dsl::prelude::*;
    use async_dsl::scheduler::Scheduler;
    use fork::Fork;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// Waits until all other threads of this process sleep: who runs may hold a lock, which would be held for ever in a
    /// child.
    fn others_sleep() {
        let own = std::process::id().to_string();
        let sleeps = |task: std::io::Result<std::fs::DirEntry>| {
            let task = task.unwrap();
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // The state comes after the name, which is in parentheses.
            let state = stat
                .rsplit_once(')')
                .map_or("", |(_, rest)| rest.trim_start());
            task.file_name() == *own || state.starts_with('S')
        };
        while !std::fs::read_dir("/proc/self/task").unwrap().all(sleeps) {
            thread::yield_now();
        }
    }

    /// Whether `child` says so, in a child of this process.
    fn in_a_child(name: &str, child: impl FnOnce() -> bool) {
        others_sleep();
        let pid = match fork::fork().unwrap() {
            Fork::Child => {
                let told = catch_unwind(AssertUnwindSafe(child)).unwrap_or(false);
                exit(i32::from(!told));
            }
            Fork::Parent(pid) => pid,
        };
        let start = Instant::now();
        loop {
            match fork::waitpid_nohang(pid).unwrap() {
                Some(status) => return assert_eq!(status, 0, "{name}"),
                None if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(2)),
                None => {
                    Command::new("kill")
                        .args(["-9", &pid.to_string()])
                        .status()
                        .ok();
                    panic!("{name} hangs in a child");
                }
            }
        }
    }

    /// Whether this panics and names the reason and both processes.
    fn is_told(parent: u32, waits: impl FnOnce()) -> bool {
        let Err(panic) = catch_unwind(AssertUnwindSafe(waits)) else {
            return false;
        };
        let message = panic.downcast_ref::<String>().unwrap();
        let told = format!(
            "this process, {}, was forked from {parent} after",
            std::process::id()
        );
        message.contains(&told)
    }

    fn start() -> bool {
        async_dsl::block_on(async_block!({ go!({ 42 }).await })) == 42
    }

    pub(super) fn run() {
        in_a_child("a scheduler that starts after the fork", start);
        assert!(start());
        let parent = std::process::id();
        let c = chan::<u32>();
        let (_resolver, promise) = promise::<u32>();
        let waits: [(&str, &dyn Fn()); 7] = [
            ("block_on", &|| {
                assert!(start());
            }),
            ("block_on of the global scheduler", &|| {
                Scheduler::global().block_on(c.take());
            }),
            ("take_blocking", &|| {
                assert!(c.take_blocking().is_none());
            }),
            ("put_blocking", &|| {
                chan::fixed(0).put_blocking(1).ok();
            }),
            ("wait_blocking", &|| {
                assert!(promise.clone().wait_blocking().is_err());
            }),
            ("shutdown", &|| {
                go!({ std::future::pending::<()>().await });
                Scheduler::global().shutdown(Duration::from_secs(1));
            }),
            ("block_on of a scheduler driven by hand", &|| {
                Scheduler::manual().block_on(async_block!({ sleep!(1min) }));
            }),
        ];
        for (name, waits) in waits {
            in_a_child(name, || is_told(parent, waits));
        }
        in_a_child("what need not wait", || {
            c.try_put(1).unwrap();
            let taken = async_dsl::block_on(c.take());
            let hour = Scheduler::virtual_time().block_on(async_block!({
                sleep!(1h);
                go!({ 42 }).await
            }));
            (taken, c.try_take().is_err(), hour) == (Some(1), true, 42)
        });
        assert!(start(), "the parent goes on");
    }
}

fn main() {
    #[cfg(target_os = "linux")]
    linux::run();
}
