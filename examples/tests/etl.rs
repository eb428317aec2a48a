//! `etl`, with logs as servers write them, and coreutils and awk to say what is right.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use async_dsl_tests::programs::example;

/// Three logs: of 20,000 lines, of one that is none between two, and one in the combined format whose last line has no end.
const LOGS: &str = r#"
seq 20000 | awk '{ printf "10.0.0.%d - - [27/Nov/2026:08:%02d:%02d +0000] \"GET /page/%d HTTP/1.1\" %d %s\n",
    $1 % 250, $1 / 60 % 60, $1 % 60, $1, ($1 % 50 ? 200 : 404), ($1 % 50 ? $1 * 3 : "-") }' > large.log
{ head -n 1 large.log; echo 'not a line of a log at all'; sed -n 2p large.log; } > broken.log
printf '%s' '::1 - ada [27/Nov/2026:09:00:00 +0000] "GET /a"b HTTP/1.1" 200 7 "https://example.org/" "curl/8"' > combined.log
"#;

/// What the rows are, by other means.
const EXPECTED: &str = r#"
cat large.log broken.log combined.log | sed -n -E \
    's/^([^ ]+) [^[]*\[([^]]+)\] "[A-Z]+ (.*) HTTP[^"]*" ([0-9]+) ([0-9]+|-).*/\2,\1,\4,\5,"\3"/p' |
    sed -E 's/,-,/,0,/; s/"(.*)"(.*)"$/"\1""\2"/' | LC_ALL=C sort
"#;

fn sh(folder: &std::path::Path, script: &str) -> String {
    let output = Command::new("sh")
        .args(["-euc", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn rows_are_those_of_the_logs_and_what_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    sh(folder.path(), LOGS);
    let output = example("etl")
        .args([
            "out.csv",
            "large.log",
            "broken.log",
            "none.log",
            ".",
            "combined.log",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");

    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("20003 rows in "), "{said}");
    assert!(said.ends_with(" batches, 3 left out\n"), "{said}");
    let mut complaints: Vec<_> = std::str::from_utf8(&output.stderr)
        .unwrap()
        .lines()
        .collect();
    complaints.sort_unstable();
    assert!(complaints[0].starts_with("etl: left out .: "));
    assert_eq!(
        complaints[1],
        "etl: left out broken.log:2: not a line of a log"
    );
    assert!(complaints[2].starts_with("etl: left out none.log: "));
    assert_eq!(complaints.len(), 3);

    let rows = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    let mut sorted: Vec<_> = rows.split_inclusive('\n').collect();
    sorted.sort_unstable();
    assert_eq!(sorted.concat(), sh(folder.path(), EXPECTED));
    // Each of these is in one log only, and the rows of a log stay in their order.
    let pages = rows.lines().filter_map(|row| {
        let page = row.rsplit_once("/page/")?.1.trim_end_matches('"');
        page.parse::<u32>().ok().filter(|page| *page > 2)
    });
    assert!(pages.eq(3..=20_000));
    assert!(!folder.path().join("out.unfinished").exists());
}

#[test]
fn without_arguments_it_says_how_it_is_called() {
    let output = example("etl").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stderr, "usage: etl OUT.csv LOG…\n".as_bytes());
}
