//! Errors are text, and the session goes on.

use async_dsl::console::Exports;

use crate::{ask, eval, session};

// S46
#[test]
fn an_unfinished_form_is_a_parse_error() {
    for form in ["(1 + 2", "let x =", "\"text", "if true {", "[1, ", "/* "] {
        let answer = eval(form);
        let unfinished = answer.starts_with("error: Syntax error: ") || form == "/* ";
        assert!(unfinished, "{form}: {answer}");
    }
}

// S46
#[test]
fn an_unknown_name_is_an_error_that_names_it() {
    assert_eq!(
        eval("nobody"),
        "error: Variable not found: nobody (line 1, position 1)"
    );
    assert_eq!(
        eval("nobody(1)"),
        "error: Function not found: nobody (i64) (line 1, position 1)"
    );
}

// S46
#[test]
fn the_session_stays_usable_after_each_kind_of_error() {
    let session = &mut session(&Exports::new());
    ask(session, "let x = 1");
    for wrong in [
        "(1 +",
        "nobody",
        "1 / 0",
        "throw \"away\"",
        "[1][7]",
        "1 + [2]",
        "put(\"x\", 1)",
    ] {
        assert!(ask(session, wrong).starts_with("error: "), "{wrong}");
        assert_eq!(ask(session, "x"), "1", "after {wrong}");
    }
}

#[test]
fn what_a_failed_form_did_before_it_failed_is_done() {
    let session = &mut session(&Exports::new());
    assert!(ask(session, "let x = 41; x = x + 1; nobody").starts_with("error: "));
    assert_eq!(ask(session, "x"), "42");
}

#[test]
fn a_thrown_value_is_the_error() {
    assert_eq!(
        eval("throw \"away\""),
        "error: Runtime error: away (line 1, position 1)"
    );
}

#[test]
fn a_script_can_catch_errors() {
    assert_eq!(
        eval("let x = 0; try { nobody() } catch (e) { x = 1 } x"),
        "1"
    );
}
