//! The evaluator: rhai, with limits on everything. It runs on the thread of a session.

mod engine;
mod evaluation;
mod host;
mod rows;
mod values;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::rc::Rc;

use rhai::{AST, Dynamic, EvalAltResult, Scope};

use self::engine::{ENGINE, FUNCTIONS};
use self::evaluation::Evaluation;
use super::answer::Answer;
use super::exports::Exports;
use super::limits::Limits;
use super::output::Output;
use super::wait::{Cancelled, Wait};
use crate::task::TaskPanic;

/// What a session's variables may weigh between evaluations.
const KEPT: usize = 16 * 1024 * 1024;

/// The source of all functions that a session may have: they stay in memory.
const SOURCE: usize = 64 * 1024;

/// What a session remembers: its variables and functions.
pub(super) struct Evaluator {
    exports: Exports,
    limits: Limits,
    scope: Scope<'static>,
    functions: AST,
    /// Bytes of the forms that defined functions.
    source: usize,
}

type Evaluated = Result<Dynamic, Box<EvalAltResult>>;

impl Evaluator {
    pub(super) fn new(exports: Exports, limits: Limits) -> Self {
        Self {
            exports,
            limits,
            scope: Scope::new(),
            functions: AST::empty(),
            source: 0,
        }
    }

    /// Evaluates all statements of a form, and gives the value of the last one.
    pub(super) fn eval(&mut self, form: &str, cancelled: Cancelled) -> Answer {
        let evaluation = Rc::new(Evaluation {
            exports: self.exports.clone(),
            wait: Wait::new(cancelled, self.limits.deadline, self.limits.memory),
            output: Output::new(self.limits.output).into(),
        });
        let entered = evaluation::enter(Rc::clone(&evaluation));
        // What is left half-way is this session's own.
        let result = catch_unwind(AssertUnwindSafe(|| self.run(form)));
        drop(entered);

        let mut output = evaluation.output.replace(Output::new(0));
        output.end_line();
        let mut text = Output::new(output.room());
        let is_ok = match result {
            Ok(Ok(value)) => {
                values::show(&value, &mut text);
                true
            }
            Ok(Err(error)) => {
                // Cutting is all that can go wrong.
                let _ = match evaluation.wait.stopped() {
                    Some(stop) => write!(text, "{stop}"),
                    None => write!(text, "{error}"),
                };
                false
            }
            Err(payload) => {
                let panic = TaskPanic::new(payload, Location::caller());
                let _ = write!(text, "panicked: {}", panic.message());
                false
            }
        };
        if self.forget_too_much() {
            output.push("the variables weighed more than 16 MiB: they are gone\n");
        }
        let cut = output.is_cut() || text.is_cut();
        let text = text.into_text();
        Answer {
            output: output.into_text(),
            result: if is_ok { Ok(text) } else { Err(text) },
            cut,
        }
    }

    fn run(&mut self, form: &str) -> Evaluated {
        let form_ast = ENGINE.compile(form)?;
        if !form_ast.has_functions() {
            let ast = self.functions.merge(&form_ast);
            return ENGINE.eval_ast_with_scope(&mut self.scope, &ast);
        }
        let ast = self.functions.merge(&form_ast);
        if ast.iter_functions().count() > FUNCTIONS || self.source + form.len() > SOURCE {
            return Err(format!(
                "a session has room for {FUNCTIONS} functions, and {SOURCE} bytes of lines that define some: \
                 a new session has none"
            )
            .into());
        }
        self.source += form.len();
        self.functions = ast.clone_functions_only();
        ENGINE.eval_ast_with_scope(&mut self.scope, &ast)
    }

    /// What one evaluation leaves is limited, but not what many do.
    fn forget_too_much(&mut self) -> bool {
        let weight: usize = self
            .scope
            .iter_raw()
            .map(|(name, _, value)| name.len() + values::weight(value))
            .sum();
        let too_much = weight > KEPT;
        if too_much {
            self.scope.clear();
        }
        too_much
    }
}
