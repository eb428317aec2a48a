//! The one engine of all sessions: its language, and every limit on it.
//!
//! The limits were tried out, and what they do not cover is covered here or by the code that runs the engine:
//!
//! - Sizes are not checked when an element is assigned by its index, and levels and the keys of maps are not counted:
//!   values could grow until the memory or the stack is exhausted. So a variable is checked whenever it is used. `this`
//!   would be a way around that.
//! - Sizes are checked after a function has made its value. Functions whose result can be many times the size of their
//!   arguments are replaced by ones that check first; those that call back are covered by the limit on memory.
//! - A value that contains itself would never be freed, and curried arguments are not counted. Only closures and
//!   `curry` can make these, so both are disabled.
//! - The parser cannot be interrupted, and can take quadratic time: the length of a form is limited.

use std::sync::LazyLock;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage,
    BasicMathPackage, BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Engine, EvalAltResult, ImmutableString, OptimizationLevel, Position};

use super::super::value::Room;
use super::values::fits;
use super::{evaluation, host};

pub(super) const OPERATIONS: u64 = 10_000_000;
pub(super) const CALL_LEVELS: usize = 32;
pub(super) const STRING: usize = 64 * 1024;
pub(super) const ELEMENTS: usize = 4096;
pub(super) const LEVELS: usize = 64;
pub(super) const VARIABLES: usize = 256;
pub(super) const FUNCTIONS: usize = 64;

pub(super) static ENGINE: LazyLock<Engine> = LazyLock::new(engine);

fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    // Not the core package, because its `sleep` cannot be interrupted; no time, bits and blobs.
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);

    engine
        .set_max_operations(OPERATIONS)
        .set_max_call_levels(CALL_LEVELS)
        .set_max_expr_depths(64, 32)
        .set_max_string_size(STRING)
        .set_max_array_size(ELEMENTS)
        .set_max_map_size(ELEMENTS)
        .set_max_variables(VARIABLES)
        .set_max_functions(FUNCTIONS)
        .set_max_modules(0)
        .set_module_resolver(DummyModuleResolver::new())
        .set_allow_anonymous_fn(false)
        // The optimizer evaluates while compiling, where no limit applies.
        .set_optimization_level(OptimizationLevel::None);
    for symbol in ["eval", "import", "export", "curry", "this"] {
        engine.disable_symbol(symbol);
    }
    engine.on_progress(evaluation::progress);
    #[allow(deprecated)] // not deprecated, only marked as volatile
    engine.on_var(|name, _, context| match context.scope().get(name) {
        Some(value) if fits(value, &mut variable()).is_err() => {
            Err(too_large(format!("Value of {name}")))
        }
        _ => Ok(None),
    });
    engine.on_print(evaluation::print);
    engine.on_debug(|text, _, _| evaluation::print(text));

    replace_replace(&mut engine);
    host::register(&mut engine);
    engine
}

/// Returns the room of one variable: its elements on all levels, and their text with the keys.
pub(super) const fn variable() -> Room {
    Room::of(ELEMENTS + 1, STRING, LEVELS)
}

#[allow(clippy::unnecessary_box_returns)] // the engine's type
fn too_large(what: String) -> Box<EvalAltResult> {
    EvalAltResult::ErrorDataTooLarge(what, Position::NONE).into()
}

/// Replaces `replace`, which makes a string of up to the product of two limits before the result is checked.
fn replace_replace(engine: &mut Engine) {
    type Text = ImmutableString;
    const fn buffer() -> [u8; 4] {
        [0; 4]
    }
    engine
        .register_fn("replace", |text: &mut Text, from: &str, to: &str| {
            replace(text, from, to)
        })
        .register_fn("replace", |text: &mut Text, from: &str, to: char| {
            replace(text, from, to.encode_utf8(&mut buffer()))
        })
        .register_fn("replace", |text: &mut Text, from: char, to: &str| {
            replace(text, from.encode_utf8(&mut buffer()), to)
        })
        .register_fn("replace", |text: &mut Text, from: char, to: char| {
            let (mut one, mut other) = (buffer(), buffer());
            replace(text, from.encode_utf8(&mut one), to.encode_utf8(&mut other))
        });
}

fn replace(text: &mut ImmutableString, from: &str, to: &str) -> Result<(), Box<EvalAltResult>> {
    let found = text.matches(from).count();
    let longer = text.len() - found * from.len() + found * to.len();
    if longer > STRING {
        return Err(too_large("Length of string".into()));
    }
    *text = text.replace(from, to).into();
    Ok(())
}
