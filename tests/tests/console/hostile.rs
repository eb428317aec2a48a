//! Hostile forms: each is an error in bounded time, and the session goes on. What they do to memory is `console_memory`'s.

use std::time::Duration;

use async_dsl::console::{Exports, Limits, Session};

use crate::{ask, eval, limits, session};

/// Each form gives this error, and the session is usable afterwards.
#[track_caller]
fn refused(forms: &[&str], error: &str) {
    let session = &mut session(&Exports::new());
    for form in forms {
        let answer = ask(session, form);
        let short: String = form.chars().take(80).collect();
        assert!(
            answer.starts_with("error: ") && answer.contains(error),
            "{short}: {answer}"
        );
        assert_eq!(ask(session, "1 + 2 + 3"), "6", "after {short}");
    }
}

#[test]
fn a_string_that_doubles() {
    refused(
        &[
            "let s = \"x\"; while true { s += s; }",
            "let s = \"x\"; loop { s = s + s; }",
            "let s = \"x\"; loop { s = `${s}${s}`; }",
        ],
        "Length of string too large",
    );
}

#[test]
fn a_map_that_grows() {
    refused(
        &[
            // By an index, which the evaluator itself does not check.
            "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }",
            "fn f(m) { let i = 0; loop { m[`k${i}`] = i; i += 1; } } f(#{})",
            "let m = #{a: #{}}; let i = 0; loop { m.a[`k${i}`] = i; i += 1; }",
            "let m = #{}; let s = \"\"; s.pad(60000, 'x'); let i = 0; loop { m[s + i] = i; i += 1; }",
            "let m = #{}; let i = 0; loop { m.set(`k${i}`, i); i += 1; }",
        ],
        "too large",
    );
}

#[test]
fn elements_that_grow() {
    refused(
        &[
            "let a = []; a.pad(4096, 0); let s = \"\"; s.pad(60000, 'x'); let i = 0; loop { a[i] = s + i; i += 1; }",
            "let a = []; a.pad(4096, 0); let b = []; b.pad(4000, 0); let i = 0; loop { a[i] = b; i += 1; }",
        ],
        "too large",
    );
}

#[test]
fn this_is_not_there() {
    // It would be a way around the look at variables.
    refused(
        &["let a = [0]; fn f() { loop { this[0] = this; } } a.f()"],
        "'this' is disabled",
    );
}

#[test]
fn an_array_that_grows() {
    refused(
        &[
            "let a = []; loop { a.push(1); }",
            "let a = [1]; loop { a += a; }",
            "let a = []; a.pad(1000000000, 1)",
            "let a = []; loop { a = [a, a]; }",
        ],
        "too large",
    );
}

#[test]
fn a_string_that_is_padded_or_replaced() {
    refused(
        &[
            "let s = \"\"; s.pad(1000000000, 'x')",
            "let s = \"\"; s.pad(1000000000, \"xyz\")",
            // The evaluator's own `replace` would make 4 GB of it.
            "let s = \"\"; s.pad(60000, 'a'); let t = s; s.replace(\"a\", t)",
            "let s = \"\"; s.pad(60000, 'a'); let t = s; s.replace('a', t)",
            "let s = \"\"; s.pad(60000, 'a'); let t = s; s.replace(\"\", t)",
            "let s = \"\"; s.pad(60000, 'a'); s.replace('a', '€')",
        ],
        "ength of string",
    );
}

#[test]
fn replace_works_within_the_limit() {
    assert_eq!(
        eval("let s = \"hello\"; s.replace(\"l\", \"(^)\"); s"),
        r#""he(^)(^)o""#
    );
    assert_eq!(
        eval("let s = \"hello\"; s.replace(\"l\", '_'); s"),
        r#""he__o""#
    );
    assert_eq!(
        eval("let s = \"hello\"; s.replace('l', \"\"); s"),
        r#""heo""#
    );
    assert_eq!(
        eval("let s = \"hello\"; s.replace('l', 'L'); s"),
        r#""heLLo""#
    );
}

#[test]
fn a_loop_without_end() {
    refused(
        &[
            "loop {}",
            "while true {}",
            "for i in 0..9223372036854775807 { 1; }",
            "loop { try { loop {} } catch {} }",
        ],
        "Too many operations",
    );
}

#[test]
fn recursion_without_end() {
    refused(
        &[
            "fn f(n) { f(n + 1) } f(0)",
            "fn f(n) { g(n) } fn g(n) { [n].map(f) } f(0)",
        ],
        "Stack overflow",
    );
}

#[test]
fn deep_recursion_inside_deep_expressions() {
    let calls = format!("fn f(x) {{ {}1{} }} f(1)", "f(".repeat(14), ")".repeat(14));
    refused(&[&calls], "Stack overflow");
}

#[test]
fn deep_expressions() {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
    let forms = [
        deep("(", ")"),
        deep("[", "]"),
        deep("{", "}"),
        deep("!", ""),
        deep("if true {", "}"),
        deep("`${", "}`"),
        deep("#{a:", "}"),
        deep("1+", ""),
        deep("f(", ")"),
        format!("a{}", ".a".repeat(20_000)),
        format!("a{}", "[0]".repeat(20_000)),
    ];
    let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
    refused(&forms, "exceeds maximum complexity");
}

/// Levels take the stack of whoever compares, shows or drops the value.
#[test]
fn values_of_many_levels() {
    refused(
        &[
            "let a = []; loop { a = [a]; }",
            "let a = []; loop { a = [[[[[[[[[[a]]]]]]]]]]; }",
            "let a = [0]; loop { a[0] = a; }",
            "let a = [0, 0]; loop { a[0] = a; a[1] = a; }",
            "let a = []; loop { a.push(a); }",
            "let m = #{}; loop { m.m = m; }",
            "let m = #{}; loop { m = #{m: m}; }",
            "let m = #{}; let a = []; loop { m = #{m: a}; a = [m]; }",
            "fn f(n) { loop { n[0] = n; } } f([0])",
        ],
        "too large",
    );
}

#[test]
fn values_of_the_most_levels_in_the_deepest_calls() {
    let session = &mut session(&Exports::new());
    ask(session, "let a = [1]; for i in 0..62 { a = [a]; }");
    let deep = "fn f(x, n) { if n == 0 { let y = x; [x == y, [x].contains(y), `${x}`.len()] } else { [[f(x, n - 1)]][0][0] } } f(a, 30)";
    assert_eq!(ask(session, deep), "[true, true, 127]");
    assert!(ask(session, "a").contains("[[…]]"), "shown to a depth");
    assert!(ask(session, "fn g(x) { `${g(x)}` } g(a)").contains("Stack overflow"));
    assert!(ask(session, "fn h(x) { [x].map(h) } h(a)").contains("Stack overflow"));
}

#[test]
fn more_variables_than_allowed() {
    let many: Vec<String> = (0..300).map(|i| format!("let a{i} = 1; ")).collect();
    refused(&[&many.concat()], "Too many variables");
    let session = &mut session(&Exports::new());
    for i in 0..256 {
        assert_eq!(ask(session, &format!("let a{i} = {i}")), "()");
    }
    assert!(ask(session, "let a256 = 1").contains("Too many variables"));
    assert_eq!(ask(session, "a255"), "255");
}

#[test]
fn more_functions_than_allowed() {
    let many: Vec<String> = (0..65).map(|i| format!("fn f{i}() {{}} ")).collect();
    refused(&[&many.concat()], "exceeds maximum limit");
    let session = &mut session(&Exports::new());
    for i in 0..64 {
        assert_eq!(ask(session, &format!("fn f{i}() {{ {i} }}")), "()");
    }
    assert!(ask(session, "fn f64() { 64 }").contains("room for 64 functions"));
    assert_eq!(ask(session, "f63()"), "63");
}

#[test]
fn functions_that_take_much_room() {
    let session = &mut session(&Exports::new());
    let long = format!("fn f() {{ \"{}\" }}", "x".repeat(20_000));
    for _ in 0..3 {
        assert_eq!(ask(session, &long), "()");
    }
    assert!(ask(session, &long).contains("bytes of lines"));
    assert_eq!(ask(session, "f().len()"), "20000");
}

#[test]
fn what_the_language_does_not_have() {
    for (form, error) in [
        ("eval(\"1\")", "disabled"),
        ("Fn(\"eval\").call(\"1\")", "reserved keyword"),
        ("import \"x\" as y;", "reserved keyword"),
        ("import \"/etc/passwd\" as y; 1", "reserved keyword"),
        ("export let x = 1", "reserved keyword"),
        // A closure can hold itself, and would never be freed.
        ("[1].map(|x| x)", "Unexpected '|'"),
        ("let f = || 1;", "Unexpected '||'"),
        ("fn f(x) {} Fn(\"f\").curry(1)", "Syntax error"),
        // They could not be interrupted.
        ("sleep(1000)", "Function not found: sleep"),
        ("Fn(\"sleep\").call(1000)", "Function not found: sleep"),
        ("parse_json(\"{}\")", "Function not found: parse_json"),
        ("timestamp()", "Function not found: timestamp"),
        ("exit()", "Function not found: exit"),
        ("open(\"/etc/passwd\")", "Function not found: open"),
        ("system(\"true\")", "Function not found: system"),
    ] {
        refused(&[form], error);
    }
}

#[test]
fn a_deadline_ends_what_the_other_limits_allow() {
    let limits = limits().deadline(Duration::from_millis(50));
    let mut session = Session::with_limits(&Exports::new(), limits).unwrap();
    for form in [
        // Quadratic: each step copies or checks all of it.
        "let a = []; a.pad(4000, 1); loop { let b = a; b.push(1); b == a; }",
        "let s = \"\"; s.pad(60000, 'x'); let t = \"\"; loop { t = s + \"y\"; }",
        "let a = []; a.pad(4096, 1); loop { a[0] = 2; }",
        "try { loop { let s = \"\"; s.pad(60000, 'x'); } } catch { 1 }",
        "fn f(x) { loop { let s = \"\"; s.pad(60000, 'x'); } } [1].map(f)",
        "let a = []; a.pad(4096, 1); fn f(a, b) { loop { let s = \"\"; s.pad(60000, 'x'); } } a.sort(f)",
        "loop { try { throw \"away\"; } catch {} }",
    ] {
        let answer = session.eval_blocking(form);
        let error = answer.result().unwrap_err();
        assert!(
            error == "stopped: not done within 50ms" || error == "Too many operations",
            "{form}: {error}"
        );
    }
    assert_eq!(session.eval_blocking("1").result(), Ok("1"));
}

#[test]
fn output_is_cut_at_its_limit() {
    let mut session = Session::with_limits(&Exports::new(), limits().output(1000)).unwrap();
    for form in [
        "for i in 0..100000 { print(\"€\"); }",
        "let a = []; a.pad(4096, 1); a",
        "let s = \"\"; s.pad(60000, 'x'); throw s",
        "let s = \"\"; s.pad(60000, 'x'); print(s); s",
        "print(\"1\"); let s = \"\"; s.pad(60000, 'x'); s",
    ] {
        let answer = session.eval_blocking(form);
        assert!(answer.is_cut(), "{form}");
        assert!(
            (997..=1000).contains(&answer.size()),
            "{form}: {}",
            answer.size()
        );
    }
    let answer = session.eval_blocking("1");
    assert!(!answer.is_cut());
}

#[test]
fn a_terminal_is_not_told_what_to_do() {
    let answer = session(&Exports::new()).eval_blocking(r#"print("\u001b[2J"); "\u001b[2J""#);
    assert_eq!(answer.output(), "\\u001b[2J\n");
    assert_eq!(answer.result(), Ok(r#""\u001b[2J""#));
}

#[test]
fn dropping_an_evaluation_cancels_it() {
    let jobs = async_dsl::chan::fixed::<i64>(1);
    let exports = Exports::new();
    exports.chan("jobs", &jobs);
    let mut session = Session::with_limits(
        &exports,
        Limits::default().deadline(Duration::from_secs(3600)),
    )
    .unwrap();
    async_dsl::block_on(async {
        let mut eval = Box::pin(session.eval("take(\"jobs\", 3600000)"));
        futures_lite::future::poll_once(&mut eval).await;
        while jobs.waiting().takers == 0 {
            async_dsl::time::sleep(Duration::from_millis(1)).await;
        }
        drop(eval);
        while jobs.waiting().takers > 0 {
            async_dsl::time::sleep(Duration::from_millis(1)).await;
        }
        // Nothing was taken, and the session answers at once.
        jobs.put(1).await.unwrap();
        assert_eq!(session.eval("take(\"jobs\", 0)").await.result(), Ok("1"));
    });
}
