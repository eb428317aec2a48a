//! Whether a program's output is a failure.

use std::fmt::Debug;
use std::process::ExitCode;

/// What a simulated program may return: `()`, or an [`ExitCode`] or `Result`, which fail the run unless successful.
///
/// ```
/// use async_dsl::sim::Verdict;
///
/// assert_eq!(().failure(), None);
/// assert_eq!(Err::<(), _>(3).failure().as_deref(), Some("3"));
/// ```
#[diagnostic::on_unimplemented(
    message = "a simulated program gives `()` or a `Result`, not `{Self}`",
    label = "whether `{Self}` means failure is not known",
    note = "`#[async_dsl::test(threads = 2)]` runs the test without simulation"
)]
pub trait Verdict {
    /// Returns the failure as text, if it is one.
    fn failure(&self) -> Option<String>;
}

impl Verdict for () {
    fn failure(&self) -> Option<String> {
        None
    }
}

impl<T: Verdict, E: Debug> Verdict for Result<T, E> {
    fn failure(&self) -> Option<String> {
        match self {
            Ok(value) => value.failure(),
            Err(error) => Some(format!("{error:?}")),
        }
    }
}

impl Verdict for ExitCode {
    fn failure(&self) -> Option<String> {
        // `ExitCode` is not comparable in the oldest Rust supported.
        let (code, success) = (format!("{self:?}"), format!("{:?}", Self::SUCCESS));
        (code != success).then_some(code)
    }
}
