//! What hostile forms do to the memory of the process. One test, because every other one would change what it measures.
#![cfg(target_os = "linux")]

use std::fs;
use std::time::Duration;

use async_dsl::console::{Exports, Limits, Session};

const MIB: usize = 1024 * 1024;

/// The most memory that this process has ever used.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

#[test]
fn hostile_forms_do_not_take_the_memory() {
    let limits = Limits::default().deadline(Duration::from_secs(300));
    let mut session = Session::with_limits(&Exports::new(), limits).unwrap();
    assert_eq!(session.eval_blocking("1 + 2 + 3").result(), Ok("6"));
    let before = peak();
    let grown = || peak().saturating_sub(before) / MIB;

    let text = "let s = \"\"; s.pad(60000, 'x'); ";
    let sums = |sum: &str| vec![sum; 2000].join(",");
    let bombs = [
        "let s = \"x\"; loop { s += s; }".to_string(),
        format!("{text}let m = #{{}}; let i = 0; loop {{ m[s + i] = i; i += 1; }}"),
        format!("{text}let a = []; a.pad(4096, 0); let i = 0; loop {{ a[i] = s + i; i += 1; }}"),
        "let a = [0, 0]; loop { a[0] = a; a[1] = a; }".into(),
        "let a = []; loop { a = [a]; }".into(),
        format!("{text}let t = s; s.replace('x', t)"),
        // Nothing but the growth of the process tells of these.
        format!(
            "{text}fn f(x, s) {{ s + x }} fn g(x) {{ let s = \"\"; s.pad(60000, 'x'); s + x }} let a = []; a.pad(4096, 1); a.map(g)"
        ),
        format!("{text}f({})", sums("s+1")),
        format!(
            "{text}fn f(n, s) {{ let a = s + n; let b = s + a; f(n + 1, s) + f({}) }} f(0, s)",
            sums("s+1")
        ),
    ];
    for bomb in &bombs {
        for _ in 0..2 {
            let answer = session.eval_blocking(bomb);
            let error = answer.result().unwrap_err();
            let why = [
                "too large",
                "stopped: the process grew by more than",
                "Length of string",
                "Stack overflow",
            ];
            assert!(
                why.iter().any(|why| error.contains(why)),
                "{bomb:.200}: {error:.200}"
            );
        }
        assert_eq!(session.eval_blocking("1 + 2 + 3").result(), Ok("6"));
        // The limit, what is allocated between two looks at it, and what the allocator keeps.
        assert!(grown() < 160, "{} MiB after {bomb:.200}", grown());
    }

    // Each line is within the limits, but they add up.
    let mut forgotten = false;
    for i in 0..400 {
        let answer = session.eval_blocking(&format!("{text}let v{i} = s + {i}; s = ();"));
        forgotten |= answer
            .output()
            .contains("the variables were too large: they are gone");
    }
    assert!(forgotten);
    assert!(grown() < 160, "{} MiB", grown());

    drop(session);
    // Sessions do not add up either.
    for _ in 0..20 {
        let mut session = Session::new(&Exports::new()).unwrap();
        let _ = session.eval_blocking(&format!(
            "{text}let a = []; loop {{ a.push(s + a.len()); }}"
        ));
    }
    assert!(grown() < 160, "{} MiB", grown());
}
