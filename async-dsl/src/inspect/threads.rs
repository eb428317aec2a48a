//! The threads of this process that are not ours, and so may hold a channel or a promise.

/// Threads of the crates below the scheduler, which have no work of their own.
#[cfg(target_os = "linux")]
const REACTOR: &str = "async-io";
/// Our own threads that wait for a signal to dump.
#[cfg(target_os = "linux")]
const SIGNALS: &str = "async-dsl-sig";

/// Returns the names of the threads other than `ours` that could act, or `None` if the system does not list them. Of
/// equal names, as many are removed as are in `ours`.
#[cfg(target_os = "linux")]
pub(super) fn others(ours: &[Option<String>]) -> Option<Vec<String>> {
    // The system cuts names to 15 bytes.
    let cut = |name: &str| -> String {
        let mut end = name.len().min(15);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name[..end].to_owned()
    };
    let main = std::process::id().to_string();
    let mut found = Vec::new();
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        let thread = thread.ok()?;
        // A thread that has ended in between has no name left.
        let Ok(name) = std::fs::read_to_string(thread.path().join("comm")) else {
            continue;
        };
        let is_main = thread.file_name().to_str() == Some(main.as_str());
        found.push(if is_main {
            "main".to_owned()
        } else {
            name.trim_end().to_owned()
        });
    }
    for known in ours {
        let known = cut(known.as_deref().unwrap_or_default());
        // An unnamed thread has the name of the thread that started it, so any entry will do.
        let at = found.iter().position(|name| *name == known);
        let at = at.or_else(|| (known.is_empty() && !found.is_empty()).then_some(found.len() - 1));
        if let Some(at) = at {
            found.swap_remove(at);
        }
    }
    found.retain(|name| name != REACTOR && name != SIGNALS);
    found.sort_unstable();
    Some(found)
}

/// Returns `None`: the system does not list the threads.
#[cfg(not(target_os = "linux"))]
pub(super) fn others(_: &[Option<String>]) -> Option<Vec<String>> {
    None
}
