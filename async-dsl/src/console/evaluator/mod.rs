//! The evaluator: rhai, with limits on everything. It runs on the thread of a session.

mod engine;
mod evaluation;
mod host;
mod rows;
mod values;

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::rc::Rc;

use rhai::{AST, Dynamic, EvalAltResult, Scope};

use self::engine::{ENGINE, FUNCTIONS, LEVELS, VARIABLES};
use self::evaluation::Evaluation;
use super::answer::Answer;
use super::exports::Exports;
use super::limits::Limits;
use super::output::Output;
use super::value::Room;
use super::wait::{Cancelled, Wait};
use crate::runtime::task::error::TaskPanic;

/// The limit on a session's variables together, between evaluations.
const KEPT_VALUES: usize = 256 * 1024;
const KEPT_BYTES: usize = 8 * 1024 * 1024;

/// The limit on the source of a session's functions: they stay in memory.
const SOURCE: usize = 64 * 1024;

/// The state of a session: its variables and functions.
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

    /// Evaluates all statements of a form, and returns the value of the last one.
    pub(super) fn eval(&mut self, form: &str, cancelled: Cancelled) -> Answer {
        let evaluation = Rc::new(Evaluation {
            exports: self.exports.clone(),
            wait: Wait::new(cancelled, self.limits.deadline, self.limits.memory),
            output: Output::new(self.limits.output).into(),
        });
        let entered = evaluation::enter(Rc::clone(&evaluation));
        // A panic leaves only this session's own state half-way.
        let result = catch_unwind(AssertUnwindSafe(|| self.run(form)));
        drop(entered);

        let result = match (evaluation.wait.stopped(), result) {
            // Also if a function swallowed the error of its callback, and the form so got to its end.
            (Some(stop), _) => Err(stop.to_string()),
            (None, Ok(result)) => result.map_err(|error| error.to_string()),
            (None, Err(payload)) => {
                let panic = TaskPanic::new(payload, Location::caller());
                Err(format!("panicked: {}", panic.message()))
            }
        };
        let mut output = evaluation.output.replace(Output::new(0));
        output.end_line();
        let mut text = Output::new(output.room());
        match &result {
            Ok(value) => values::show(value, &mut text),
            Err(error) => text.push(error),
        }
        self.forget(&mut output);
        let cut = output.is_cut() || text.is_cut();
        let text = text.into_text();
        Answer {
            output: output.into_text(),
            result: result.map(|_| text.clone()).map_err(|_| text),
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

    /// Discards what exceeds a session's limits: what one evaluation leaves is limited, but not what many leave.
    fn forget(&mut self, output: &mut Output) {
        if self.scope.len() > VARIABLES / 2 {
            // Each `let` of the same name makes another variable.
            self.scope = self.scope.clone_visible();
        }
        let mut all = Room::of(KEPT_VALUES, KEPT_BYTES, LEVELS);
        let too_much = self.scope.iter_raw().any(|(name, _, value)| {
            let fits = all
                .bytes(name.len())
                .and_then(|()| values::fits(value, &mut all));
            fits.is_err() || values::fits(value, &mut engine::variable()).is_err()
        });
        if too_much {
            self.scope.clear();
            output.push("the variables were too large: they are gone\n");
        }
    }
}
