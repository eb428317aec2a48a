//! The number of workers of the global scheduler.

use std::num::NonZeroUsize;
use std::sync::{Mutex, OnceLock};
use std::thread;

use super::sync::lock_std;

const VARIABLE: &str = "ASYNC_DSL_WORKERS";

/// The number of workers, and whether it can still be changed.
enum Count {
    Free(Option<NonZeroUsize>),
    Fixed,
}

static COUNT: Mutex<Count> = Mutex::new(Count::Free(None));

/// Sets the number of worker threads of the global scheduler. It overrides the environment variable `ASYNC_DSL_WORKERS`;
/// `#[async_dsl::main(workers = n)]` calls it.
///
/// # Panics
/// If `n` is 0, or the global scheduler is already in use.
///
/// ```
/// async_dsl::scheduler::set_workers(2);
/// assert_eq!(async_dsl::block_on(async { 42 }), 42);
/// ```
#[track_caller]
pub fn set_workers(n: usize) {
    let Some(n) = NonZeroUsize::new(n) else {
        panic!("the global scheduler needs at least one worker, not 0");
    };
    let mut count = lock_std(&COUNT);
    match *count {
        Count::Free(_) => *count = Count::Free(Some(n)),
        Count::Fixed => {
            drop(count);
            panic!(
                "the number of workers can't be set any more: the global scheduler is already in use"
            );
        }
    }
}

/// Returns the number of workers, which is fixed from now on.
pub(crate) fn count() -> usize {
    static FIXED: OnceLock<usize> = OnceLock::new();
    *FIXED.get_or_init(|| {
        let mut count = lock_std(&COUNT);
        let set = match *count {
            Count::Free(set) => set,
            Count::Fixed => None,
        };
        let n = set.unwrap_or_else(|| match std::env::var_os(VARIABLE) {
            Some(text) => {
                parse(&text.to_string_lossy()).unwrap_or_else(|problem| panic!("{problem}"))
            }
            None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        });
        *count = Count::Fixed;
        n.get()
    })
}

fn parse(text: &str) -> Result<NonZeroUsize, String> {
    text.trim().parse().map_err(|_| {
        format!("{VARIABLE} is {text:?}: it must be the number of worker threads, at least 1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_a_number_of_threads() {
        assert_eq!(parse(" 8 "), Ok(NonZeroUsize::new(8).unwrap()));
        for wrong in ["", "0", "-1", "two", "1.5"] {
            let problem = parse(wrong).unwrap_err();
            assert!(problem.contains("ASYNC_DSL_WORKERS"), "{problem}");
        }
    }
}
