//! `ASYNC_DSL_EXPAND=src/main.rs:12 cargo check`: showing expansions while a program is compiled.
//!
//! Every opener, attribute and word offers its expansion. One that is requested by its line is written to standard
//! error; with `all`, each is written to a file of its own.

use std::cell::Cell;
use std::path::{Component, Path, PathBuf};
use std::sync::Once;
use std::{env, fs, io};

use proc_macro2::Span;

const VARIABLE: &str = "ASYNC_DSL_EXPAND";

/// The request in the variable.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    At { file: PathBuf, line: usize },
}

impl Asked {
    fn parse(variable: &str) -> Option<Self> {
        if variable == "all" {
            return Some(Self::All);
        }
        let (file, line) = variable.rsplit_once(':')?;
        let line = line.parse().ok().filter(|line| *line > 0)?;
        let is_file = !file.is_empty();
        // Without a leading `./`, which is not in the compiler's paths.
        let file = Path::new(file).components();
        let file = file.filter(|part| *part != Component::CurDir).collect();
        is_file.then_some(Self::At { file, line })
    }
}

/// The place of a macro call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    file: PathBuf,
    /// 0 if the compiler does not tell.
    line: usize,
    /// From 1.
    column: usize,
}

/// What a compiler before Rust 1.88 returns for a span. A newer one has methods of these names, which precede a
/// trait's.
#[allow(dead_code)]
trait Untold {
    fn line(&self) -> usize {
        0
    }

    fn column(&self) -> usize {
        0
    }

    fn file(&self) -> String {
        String::new()
    }

    fn local_file(&self) -> Option<PathBuf> {
        None
    }
}

impl Untold for proc_macro::Span {}

impl Place {
    // With an older compiler these are the trait's methods.
    #[allow(clippy::incompatible_msrv, unstable_name_collisions)]
    pub(crate) fn of(span: Span) -> Self {
        let span = span.unwrap();
        Self {
            file: span.local_file().unwrap_or_else(|| span.file().into()),
            line: span.line(),
            column: span.column(),
        }
    }

    /// Returns the place of an opener whose arguments alone are known: its name is before them in the file.
    pub(crate) fn of_call(first: Span) -> Self {
        let call = Self::of(Span::call_site());
        let arguments = Self::of(first);
        if call.file == arguments.file && call.line <= arguments.line {
            return call;
        }
        let source = fs::read_to_string(&arguments.file).unwrap_or_default();
        match name_before(&source, arguments.line, arguments.column) {
            Some((line, column)) => Self {
                line,
                column,
                ..arguments
            },
            None => arguments,
        }
    }

    /// Whether it is on that line of that file, whose path may begin with more or fewer folders.
    fn is_at(&self, file: &Path, line: usize) -> bool {
        self.line == line && (self.file.ends_with(file) || file.ends_with(&self.file))
    }

    /// Returns the file for the expansion of `name`; `None` outside of the workspace.
    fn output(&self, name: &str, target: &Path) -> Option<PathBuf> {
        if !self.file.is_relative() {
            return None;
        }
        let name = name.trim_matches(|sign: char| !sign.is_alphanumeric());
        let name = name.rsplit(':').next().unwrap_or(name);
        let parts = self.file.components();
        let parts = parts.filter(|part| matches!(part, Component::Normal(_)));
        let folder: PathBuf = parts.collect();
        let file = format!("{}-{}-{name}.rs", self.line, self.column);
        Some(target.join("async-dsl/expand").join(folder).join(file))
    }
}

/// Returns where the name in `name!(` starts, given the start of what follows the bracket.
fn name_before(source: &str, line: usize, column: usize) -> Option<(usize, usize)> {
    let before: usize = source
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let rest = source.get(before..)?;
    let within = rest
        .char_indices()
        .nth(column.checked_sub(1)?)
        .map_or(rest.len(), |(at, _)| at);
    let text = source[..before + within].trim_end();
    let text = text.strip_suffix(['(', '{', '['])?.trim_end();
    let text = text.strip_suffix('!')?.trim_end();
    let start = text.trim_end_matches(|sign: char| sign.is_alphanumeric() || sign == '_');
    let last = start.rsplit('\n').next().unwrap_or(start);
    Some((start.matches('\n').count() + 1, last.chars().count() + 1))
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs a function that expands code only to show it: nothing in it is offered.
pub(crate) fn quietly<T>(run: impl FnOnce() -> T) -> T {
    let before = QUIET.replace(true);
    let result = run();
    QUIET.set(before);
    result
}

/// Shows the expansion of `name` if it is requested at one of `places`, the first of which is its own. `text` returns
/// `None` if the code has mistakes.
pub(crate) fn offer(
    name: &str,
    places: impl FnOnce() -> Vec<Place>,
    text: impl FnOnce() -> Option<String>,
) {
    let Ok(variable) = env::var(VARIABLE) else {
        return;
    };
    // Outside of a compiler, in tests of these macros, spans have no places.
    if QUIET.get() || variable.is_empty() || !proc_macro::is_available() {
        return;
    }
    let Some(asked) = Asked::parse(&variable) else {
        complain(&format!(
            "{VARIABLE} is a line, as in `{VARIABLE}=src/main.rs:12`, or `all`; it is `{variable}`"
        ));
        return;
    };
    let places = places();
    let Some(first) = places.first() else {
        return;
    };
    if first.line == 0 {
        complain(&format!(
            "{VARIABLE} needs Rust 1.88, because an older compiler does not tell a macro its file and line: write \
             `println!(\"{{}}\", expand!(go!({{ … }})))` instead"
        ));
        return;
    }
    let is_asked = match &asked {
        Asked::All => true,
        Asked::At { file, line } => places.iter().any(|place| place.is_at(file, *line)),
    };
    if !is_asked {
        return;
    }
    let text = quietly(text)
        .unwrap_or_else(|| "// It has mistakes in it, which the compiler reports.".to_owned());
    let text = format!(
        "// {name} at {}:{}:{}\n{}\n",
        first.file.display(),
        first.line,
        first.column,
        text.trim_end()
    );
    if asked != Asked::All {
        eprintln!("{text}");
        return;
    }
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let Some(output) = first.output(name, Path::new(&target)) else {
        return;
    };
    if let Err(error) = write(&output, &text) {
        complain(&format!("{}: {error}", output.display()));
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

/// Reports, once, what prevents everything from being shown.
fn complain(message: &str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| eprintln!("async-dsl: {message}"));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Asked, Place, name_before};

    fn place(file: &str, line: usize) -> Place {
        Place {
            file: file.into(),
            line,
            column: 5,
        }
    }

    #[test]
    fn a_line_or_all_is_asked_for() {
        let at = |file: &str, line| {
            Some(Asked::At {
                file: file.into(),
                line,
            })
        };
        assert_eq!(Asked::parse("all"), Some(Asked::All));
        assert_eq!(Asked::parse("src/main.rs:12"), at("src/main.rs", 12));
        assert_eq!(Asked::parse("./src/main.rs:1"), at("src/main.rs", 1));
        for wrong in [
            "",
            "12",
            ":12",
            "src/main.rs",
            "src/main.rs:",
            "src/main.rs:0",
            "main.rs:x",
        ] {
            assert_eq!(Asked::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_file_may_be_named_from_any_folder() {
        let asked = |file: &str, line| place("app/src/main.rs", 12).is_at(Path::new(file), line);
        assert!(asked("app/src/main.rs", 12) && asked("src/main.rs", 12) && asked("main.rs", 12));
        assert!(asked("/home/me/app/src/main.rs", 12));
        assert!(!asked("src/main.rs", 11) && !asked("in.rs", 12) && !asked("other/main.rs", 12));
    }

    #[test]
    fn each_has_a_file_of_its_own() {
        let file = |name| place("src/main.rs", 12).output(name, Path::new("target"));
        let expected = |name| Some(Path::new("target/async-dsl/expand/src/main.rs").join(name));
        assert_eq!(file("go!"), expected("12-5-go.rs"));
        assert_eq!(file("yield_now!"), expected("12-5-yield_now.rs"));
        assert_eq!(file("#[async_dsl::main]"), expected("12-5-main.rs"));
        let elsewhere = place("/home/me/.cargo/other/src/lib.rs", 1);
        assert_eq!(elsewhere.output("go!", Path::new("target")), None);
        let above = place("../a.rs", 1).output("go!", Path::new("t")).unwrap();
        assert_eq!(above, Path::new("t/async-dsl/expand/a.rs/1-5-go.rs"));
    }

    #[test]
    fn an_opener_is_where_its_name_is() {
        let source = "fn main() {\n    let ä = dsl::go!(\n        |c| { c }\n    );\n    go ! {c}\n    f(c)\n}\n";
        assert_eq!(name_before(source, 3, 9), Some((2, 18)));
        assert_eq!(name_before(source, 5, 11), Some((5, 5)));
        assert_eq!(name_before(source, 6, 7), None);
        assert_eq!(name_before(source, 0, 0), None);
        assert_eq!(name_before(source, 99, 1), None);
    }
}
