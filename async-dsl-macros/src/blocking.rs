//! The blocking twins: calls that park a thread where a word would park the task.

use proc_macro2::Ident;
use syn::Expr;

/// Returns the name of the blocking call in `expr`, and what to write in its place.
pub(crate) fn twin(expr: &Expr) -> Option<(Ident, &'static str)> {
    match expr {
        Expr::MethodCall(call) => Some((call.method.clone(), repair(&call.method)?)),
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else {
                return None;
            };
            let mut segments = function
                .path
                .segments
                .iter()
                .rev()
                .map(|segment| &segment.ident);
            let name = segments.next()?;
            let of_thread =
                name == "sleep" && segments.next().is_some_and(|module| module == "thread");
            let repair = if of_thread {
                "use `sleep!(100ms)`"
            } else {
                repair(name)?
            };
            Some((name.clone(), repair))
        }
        _ => None,
    }
}

fn repair(name: &Ident) -> Option<&'static str> {
    Some(match name.to_string().as_str() {
        "take_blocking" => "use `take!(channel)`",
        "put_blocking" => "use `put!(channel, value)`",
        "wait_blocking" => "use `await!(promise)`",
        "wait_blocking_for" => "use `timeout!(100ms, { await!(promise) })`",
        "settled_blocking" => "use `await!(agent.settled())`",
        "block_on" => "use `await!(future)`",
        _ => return None,
    })
}
