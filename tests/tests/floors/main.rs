//! The library's modules stand on floors: each imports only what stands below it, and files import each other in no circle.
//!
//! What is read are paths: those of `use` lines, and those in the code that begin with `crate`, `super`, or a module that
//! was imported. A name that a `mod.rs` hands on counts for the file that has it. Unit tests are left out: they use the
//! public face of what they test, from above.

mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use paths::{Crate, Reference};

/// From the ground up. `ops` has names of before.
const FLOORS: &[&str] = &[
    "runtime",
    "commit",
    "chan",
    "agent",
    "promise",
    "alt",
    "group",
    "flow",
    "signal",
    "net",
    "inspect",
    "scheduler",
    "console",
    "io",
    "sim",
    "compat",
    "task",
    "__private",
    "macros",
    "prelude",
    "ops",
    "",
];

/// The one call upwards, which the header of `runtime/mod.rs` names: the first task of the global scheduler starts the
/// thread that watches it.
const UPWARDS: &[(&str, &str)] = &[("runtime/worker.rs", "inspect")];

/// One machine each, in several files.
const CIRCLES: &[&[&str]] = &[
    &[
        "net/input.rs",
        "net/link.rs",
        "net/output.rs",
        "net/wind_up.rs",
    ],
    &["console/connection.rs", "console/server.rs"],
    &["sim/failure.rs", "sim/run.rs"],
    &["net/simulated/network.rs", "net/simulated/pipe.rs"],
];

fn library() -> Crate {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../async-dsl/src");
    Crate::read(&src)
}

fn floor(module: &str) -> usize {
    let top = module.split("::").next().unwrap_or_default();
    let found = FLOORS.iter().position(|floor| *floor == top);
    found.unwrap_or_else(|| panic!("`{top}` stands on no floor: name it in tests/floors"))
}

#[test]
fn a_floor_imports_only_what_stands_below() {
    let library = library();
    let upwards = library.references().filter(|Reference { from, to, .. }| {
        let top = to.split("::").next().unwrap_or_default();
        floor(to) > floor(library.module(from)) && !UPWARDS.contains(&(from.as_str(), top))
    });
    let faults: Vec<_> = upwards
        .map(
            |Reference {
                 from,
                 line,
                 path,
                 to,
             }| {
                format!(
                    "async-dsl/src/{from}:{line} imports `{path}`, of the floor `{to}` above it"
                )
            },
        )
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_upward_call_is_there() {
    let library = library();
    for (file, top) in UPWARDS {
        let is_it =
            |found: &Reference| found.from == *file && found.to.split("::").next() == Some(top);
        assert!(
            library.references().any(|found| is_it(&found)),
            "{file} calls `{top}` no more"
        );
    }
}

#[test]
fn files_import_each_other_in_no_circle() {
    let library = library();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Reference { from, to, .. } in library.references() {
        let to = library.file(&to).to_owned();
        if from != to
            && !UPWARDS
                .iter()
                .any(|(file, top)| *file == from && to.starts_with(top))
        {
            imports.entry(from).or_default().insert(to);
        }
    }
    let known: BTreeSet<Vec<&str>> = CIRCLES.iter().map(|circle| circle.to_vec()).collect();
    let found = circles(&imports);
    let found: BTreeSet<Vec<&str>> = found
        .iter()
        .map(|circle| circle.iter().map(String::as_str).collect())
        .collect();
    let new: Vec<_> = found
        .difference(&known)
        .map(|circle| describe(circle, &imports))
        .collect();
    assert!(
        new.is_empty(),
        "these files import each other:\n{}",
        new.join("\n")
    );
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(
        gone.is_empty(),
        "no circle any more, so take them off the list: {gone:?}"
    );
}

/// Who imports whom in a circle.
fn describe(circle: &[&str], imports: &BTreeMap<String, BTreeSet<String>>) -> String {
    let lines = circle.iter().map(|file| {
        let to = imports[*file].iter();
        let to: Vec<_> = to.filter(|to| circle.contains(&to.as_str())).collect();
        format!("  {file} imports {to:?}\n")
    });
    lines.collect()
}

/// The strongly connected parts of more than one file, by the algorithm of Kosaraju and Sharir.
fn circles(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    fn visit<'a>(
        file: &'a str,
        edges: &BTreeMap<&'a str, Vec<&'a str>>,
        seen: &mut BTreeSet<&'a str>,
        order: &mut Vec<&'a str>,
    ) {
        if seen.insert(file) {
            for next in edges.get(file).into_iter().flatten() {
                visit(next, edges, seen, order);
            }
            order.push(file);
        }
    }
    let mut forth: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut back: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, all) in imports {
        for to in all {
            forth.entry(from).or_default().push(to);
            back.entry(to).or_default().push(from);
        }
    }
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    for file in imports.keys() {
        visit(file, &forth, &mut seen, &mut order);
    }
    let mut found = Vec::new();
    seen.clear();
    for file in order.into_iter().rev() {
        let mut part = Vec::new();
        visit(file, &back, &mut seen, &mut part);
        if part.len() > 1 {
            let mut part: Vec<_> = part.into_iter().map(String::from).collect();
            part.sort();
            found.push(part);
        }
    }
    found
}

#[test]
fn a_circle_is_found() {
    let imports = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e")];
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in imports {
        all.entry(from.to_owned())
            .or_default()
            .insert(to.to_owned());
    }
    assert_eq!(circles(&all), [["a", "b", "c"]]);
}
