//! The table of conformance cases, `CASES.md`, is complete and names tests that exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The groups of cases, and how many there are in each.
const GROUPS: [(char, u32); 12] = [
    ('S', 49),
    ('I', 19),
    ('A', 32),
    ('B', 1),
    ('P', 7),
    ('T', 3),
    ('C', 1),
    ('E', 4),
    ('L', 2),
    ('X', 10),
    ('N', 18),
    ('F', 8),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of the table: what is said to pin each case.
fn rows() -> BTreeMap<String, String> {
    let table = fs::read_to_string(root().join("tests/CASES.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in table.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", case, pinned, ""] = cells[..] {
            if case.ends_with(|c: char| c.is_ascii_digit()) {
                let before = rows.insert(case.to_owned(), pinned.to_owned());
                assert_eq!(before, None, "{case} has two rows");
            }
        }
    }
    rows
}

/// Whether a comment of `text` names the case.
fn names(text: &str, case: &str) -> bool {
    let comments = text.lines().filter_map(|line| line.split_once("//"));
    comments
        .flat_map(|(_, comment)| comment.split(|c: char| !c.is_ascii_alphanumeric()))
        .any(|word| word == case)
}

/// What is wrong with a reference, `file` or `file::function`.
fn fault(case: &str, reference: &str) -> Option<String> {
    let (file, function) = match reference.split_once("::") {
        Some((file, function)) => (file, Some(function)),
        None => (reference, None),
    };
    let Ok(text) = fs::read_to_string(root().join(file)) else {
        return Some(format!("{case}: there is no file {file}"));
    };
    if file.starts_with("ui-tests/fail/") {
        let message = root().join(file).with_extension("stderr");
        return (!message.exists()).then(|| format!("{case}: {file} pins no message"));
    }
    if let Some(function) = function {
        if !text.contains(&format!("fn {function}(")) {
            return Some(format!("{case}: {file} has no function {function}"));
        }
    } else if !file.starts_with("ui-tests/pass/") {
        return Some(format!("{case}: which function of {file}?"));
    }
    (!names(&text, case)).then(|| format!("{case}: no comment in {file} names it"))
}

#[test]
fn every_case_has_a_row_that_names_its_tests() {
    let mut rows = rows();
    let mut faults = Vec::new();
    for (group, count) in GROUPS {
        for number in 1..=count {
            let case = format!("{group}{number}");
            let Some(pinned) = rows.remove(&case) else {
                faults.push(format!("{case} has no row"));
                continue;
            };
            let reason = pinned.strip_prefix("not applicable:");
            if reason.is_some_and(|why| why.trim().len() > 3) {
                continue;
            }
            let references: Vec<&str> = pinned.split('`').skip(1).step_by(2).collect();
            if references.is_empty() {
                faults.push(format!("{case}: nothing pins it"));
            }
            faults.extend(references.iter().filter_map(|it| fault(&case, it)));
        }
    }
    faults.extend(rows.keys().map(|case| format!("there is no case {case}")));
    assert!(faults.is_empty(), "CASES.md:\n{}", faults.join("\n"));
}
