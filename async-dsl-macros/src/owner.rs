//! Which crate a macro belongs to, judged by its path: `take!` and `async_dsl::take!` are ours, `other::take!` is not.

use std::sync::OnceLock;

use proc_macro2::TokenTree;

use crate::tokens::{Crate, is_sign};

/// Returns the modules in front of the last name of a path, in order.
pub(crate) fn modules(path: &syn::Path) -> Vec<String> {
    let mut modules: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    modules.pop();
    modules
}

/// Returns the modules in front of the name at `at`.
pub(crate) fn modules_before(tokens: &[TokenTree], mut at: usize) -> Vec<String> {
    let mut modules = Vec::new();
    while at >= 3 && is_sign(tokens, at - 2, [':', ':']) {
        let TokenTree::Ident(module) = &tokens[at - 3] else {
            break;
        };
        modules.push(module.to_string());
        at -= 3;
    }
    modules.reverse();
    modules
}

impl Crate {
    /// Whether the macros in `modules` are ours. A name without a path is taken for ours, since its origin is unknown;
    /// other paths are not, even if they lead to this crate in the end.
    pub(crate) fn owns(&self, modules: &[String]) -> bool {
        let Some(first) = modules.first() else {
            return true;
        };
        // A macro of any crate may re-export ours, and reach it by `$crate`.
        first == "$crate"
            || modules.iter().any(|module| module == "async_dsl")
            || renamed().contains(first)
            || modules.starts_with(&self.modules())
    }

    /// Returns the modules of the path that an attribute gave for the crate.
    fn modules(&self) -> Vec<String> {
        let path = self.path().to_string().replace(' ', "");
        path.trim_start_matches("::")
            .split("::")
            .map(str::to_owned)
            .collect()
    }
}

/// Returns the names that the dependency was renamed to. rustc has it as `--extern name=…/libasync_dsl-….rmeta`.
fn renamed() -> &'static [String] {
    static RENAMED: OnceLock<Vec<String>> = OnceLock::new();
    RENAMED.get_or_init(|| {
        std::env::args()
            .filter_map(|argument| name_of(&argument))
            .collect()
    })
}

fn name_of(argument: &str) -> Option<String> {
    let (name, path) = argument.trim_start_matches("--extern=").split_once('=')?;
    let file = path.rsplit(['/', '\\']).next()?;
    let file = file.strip_prefix("lib").unwrap_or(file);
    let stem = file.strip_prefix("async_dsl")?;
    // Options such as `priv:` stand before the name.
    let name = name.rsplit(':').next()?;
    stem.starts_with(['-', '.']).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proc_macro2::{TokenStream, TokenTree};
    use quote::quote;

    use super::{modules_before, name_of};
    use crate::tokens::Crate;

    #[test]
    fn a_renamed_dependency_is_known_by_its_file() {
        for (argument, name) in [
            (
                "dsl=/target/debug/deps/libasync_dsl-0123456789abcdef.rmeta",
                Some("dsl"),
            ),
            ("--extern=dsl=C:\\deps\\libasync_dsl-0123.rlib", Some("dsl")),
            ("priv,noprelude:dsl=libasync_dsl.rlib", Some("dsl")),
            (
                "async_dsl_macros=/target/debug/deps/libasync_dsl_macros-0123.so",
                None,
            ),
            ("tokio=/deps/libtokio-0123.rmeta", None),
            ("crate-name=async_dsl", None),
            ("--extern", None),
        ] {
            assert_eq!(name_of(argument).as_deref(), name, "{argument}");
        }
    }

    #[test]
    fn other_paths_are_not_ours() {
        let owns = |krate: TokenStream, path: TokenStream| {
            let path: Vec<TokenTree> = path.into_iter().collect();
            Crate::new(krate).owns(&modules_before(&path, path.len() - 1))
        };
        let ours = quote!(::async_dsl);
        for path in [
            quote!(take),
            quote!(async_dsl::take),
            quote!(::async_dsl::take),
            quote!(async_dsl::prelude::take),
            quote!(framework::async_dsl::take),
        ] {
            assert!(owns(ours.clone(), path.clone()), "{path}");
        }
        for path in [
            quote!(nom::take),
            quote!(::nom::take),
            quote!(crate::take),
            quote!(nom::bytes::take),
            quote!(async_dsl_too::take),
        ] {
            assert!(!owns(ours.clone(), path.clone()), "{path}");
        }
        assert!(owns(quote!(framework::dsl), quote!(framework::dsl::take)));
        assert!(owns(quote!(::dsl), quote!(dsl::prelude::take)));
        assert!(!owns(quote!(framework::dsl), quote!(framework::take)));
    }
}
