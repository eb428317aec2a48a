//! Sessions of the evaluator: values, output, what lasts.

use async_dsl::console::Exports;

use crate::{ask, eval, session};

// S45
#[test]
fn nothing_gives_nothing() {
    for nothing in ["", " ", "\n", ";", "// a comment", "let x = 1;"] {
        assert_eq!(eval(nothing), "()", "{nothing:?}");
    }
}

// S45
#[test]
fn a_sum_gives_its_value() {
    assert_eq!(eval("1 + 2 + 3"), "6");
}

#[test]
fn values_are_shown_as_they_are_written() {
    for shown in [
        "true",
        "-1",
        "2.0",
        "1.5",
        r#""text \"quoted\" \\ \n\t\r € \u001b""#,
        "[]",
        "[1, [2, 3]]",
        r#"#{name: "x", "two words": 2}"#,
    ] {
        assert_eq!(eval(shown), shown);
    }
    assert_eq!(eval("'c'"), r#""c""#);
    assert_eq!(
        eval("fn double(x) { x * 2 } Fn(\"double\")"),
        r#"Fn("double")"#
    );
}

#[test]
fn a_list_of_maps_has_one_a_line() {
    assert_eq!(eval("[#{a: 1}, #{a: 2}]"), "[#{a: 1},\n #{a: 2}]");
}

// S47
#[test]
fn what_is_printed_comes_before_the_value() {
    let answer =
        session(&Exports::new()).eval_blocking(r#"print("one"); debug("two"); print(3); 4"#);
    assert_eq!(answer.output(), "one\n\"two\"\n3\n");
    assert_eq!(answer.result(), Ok("4"));
    assert!(!answer.is_cut());
}

#[test]
fn what_is_printed_before_an_error_is_kept() {
    let answer = session(&Exports::new()).eval_blocking(r#"print("one"); x"#);
    assert_eq!(answer.output(), "one\n");
    assert!(
        answer
            .result()
            .unwrap_err()
            .contains("Variable not found: x")
    );
}

// S49
#[test]
fn variables_last() {
    let session = &mut session(&Exports::new());
    assert_eq!(ask(session, "let x = 20"), "()");
    assert_eq!(ask(session, "x = x + 1; let y = 2;"), "()");
    assert_eq!(ask(session, "x * y"), "42");
}

// S49
#[test]
fn all_forms_of_a_line_are_evaluated() {
    let session = &mut session(&Exports::new());
    let answer = session.eval_blocking("let a = 1; print(a); let b = a + 1; print(b); b + 1");
    assert_eq!((answer.output(), answer.result()), ("1\n2\n", Ok("3")));
    assert_eq!(ask(session, "[a, b]"), "[1, 2]");
}

#[test]
fn functions_last_and_can_be_written_again() {
    let session = &mut session(&Exports::new());
    assert_eq!(ask(session, "fn double(x) { x * 2 }"), "()");
    assert_eq!(ask(session, "double(21)"), "42");
    assert_eq!(ask(session, "[1, 2].map(double)"), "[2, 4]");
    assert_eq!(ask(session, "fn double(x) { x + x + 1 } double(1)"), "3");
    assert_eq!(ask(session, "double(2)"), "5");
}

#[test]
fn a_session_sees_nothing_of_another() {
    let exports = Exports::new();
    let (one, other) = (&mut session(&exports), &mut session(&exports));
    ask(one, "let x = 1; fn f() { 1 }");
    assert!(ask(other, "x").contains("Variable not found"));
    assert!(ask(other, "f()").contains("Function not found"));
    assert_eq!(ask(one, "x + f()"), "2");
}

#[test]
fn help_tells_of_every_function() {
    let help = eval("help()");
    for function in [
        "put(",
        "take(",
        "get(",
        "names(",
        "chans(",
        "agents(",
        "counters(",
        "tasks(",
        "dump(",
        "run_once(",
    ] {
        assert!(help.contains(function), "{function} in {help}");
    }
}

#[test]
fn a_variable_can_be_defined_as_often_as_one_likes() {
    let session = &mut session(&Exports::new());
    for i in 0..1000 {
        assert_eq!(
            ask(session, &format!("let x = {i}; let y = x; y")),
            i.to_string()
        );
    }
}
