//! Ends what was started, however this program ends.

use super::apart;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Mutex, PoisonError};

/// Keeps a list of process ids, and at the end of its input, which the system closes when this program has ended, kills what
/// is left of them and removes the directory. It forgets a process before its id can be anybody else's.
const SCRIPT: &str = r#"
ids=
while read -r what id; do
    case $what in
        watch) ids="$ids $id" ;;
        forget) left=; for known in $ids; do [ "$known" = "$id" ] || left="$left $known"; done; ids=$left ;;
    esac
done
[ -z "$ids" ] || kill -9 $ids 2>/dev/null
n=0
while [ -e "$1" ] && [ $n -lt 50 ]; do rm -rf "$1" 2>/dev/null || sleep 0.1; n=$((n + 1)); done
"#;

/// A shell that outlives this program by a moment.
#[derive(Debug)]
pub(super) struct Guard {
    shell: Child,
    /// Taken when it ends.
    input: Mutex<Option<ChildStdin>>,
}

impl Guard {
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        let mut shell = apart("/bin/sh")
            .args(["-c", SCRIPT, "guard"])
            .arg(directory)
            .stdin(Stdio::piped())
            .spawn()?;
        let input = Mutex::new(shell.stdin.take());
        Ok(Self { shell, input })
    }

    /// From now on `id` ends with this program.
    pub(super) fn watch(&self, id: u32) -> io::Result<()> {
        self.say("watch", id)
    }

    /// `id` is ending, or has ended.
    pub(super) fn forget(&self, id: u32) -> io::Result<()> {
        self.say("forget", id)
    }

    fn say(&self, what: &str, id: u32) -> io::Result<()> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        match input.as_mut() {
            Some(input) => writeln!(input, "{what} {id}"),
            None => Ok(()),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(
            self.input
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let _ = self.shell.wait();
    }
}
