//! Conditions: `when`, `until`, `changed_when`, `failed_when`, `that`.

use std::sync::Arc;

use super::engine::{BrokenConditions, Engine};
use super::eval::{Eval, Run, Shared};
use super::ir::{Expr, Program, Stmt};
use super::{Error, ErrorKind, Scope, notes};
use crate::base::{Deprecation, Position, Value};

/// What is said of a condition in braces.
const IN_BRACES: &str =
    "Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}.";

/// What is said of a condition that counts although it is none.
const ALLOWED: &str = "Broken conditionals are currently allowed because the `ALLOW_BROKEN_CONDITIONALS` configuration option is enabled.";

/// Returns what a condition says.
pub(super) fn evaluate(
    engine: &Engine,
    condition: &Value,
    at: &Position,
    scope: &Arc<dyn Scope>,
) -> Result<bool, Error> {
    let (text, at): (&str, &Position) = match condition {
        Value::Bool(truth) => return Ok(*truth),
        Value::Text(text) if text.is_written() => (text.as_str(), at),
        Value::Text(text) => return Err(untrusted(text.as_str(), at)),
        Value::Lazy(lazy) => (lazy.source(), if lazy.at().is_known() { lazy.at() } else { at }),
        Value::Null => return Err(placed("Empty conditional expressions are not allowed.", at)),
        other if engine.broken_conditions() == BrokenConditions::Allow => return Ok(other.truth()),
        other => {
            let message = format!(
                "Conditional expressions must be strings. This one is of type '{}'.",
                other.type_name()
            );
            return Err(placed(&message, at));
        }
    };
    if text.trim().is_empty() {
        if engine.broken_conditions() == BrokenConditions::Allow {
            let what = "Empty conditional expression was evaluated as True.";
            notes::note(Deprecation { help: Some(ALLOWED), ..Deprecation::new(what, at) });
            return Ok(true);
        }
        return Err(placed("Empty conditional expressions are not allowed.", at));
    }
    let found = found(engine, text, at, scope)?;
    match &found {
        // Braces around a variable that holds a condition: the condition counts.
        Value::Text(inner) if is_template(text) && inner.is_written() => {
            let value = self::found(engine, inner.as_str(), at, scope)?;
            return boolean(engine, &value, inner.as_str(), at);
        }
        Value::Text(_) => {}
        _ if is_template(text) => notes::note(Deprecation::new(IN_BRACES, at)),
        _ => {}
    }
    boolean(engine, &found, text, at)
}

fn is_template(text: &str) -> bool {
    let body = text.trim_start();
    body.starts_with("{{") || body.starts_with("{%")
}

/// Returns the value of a condition, whatever its type.
fn found(
    engine: &Engine,
    text: &str,
    at: &Position,
    scope: &Arc<dyn Scope>,
) -> Result<Value, Error> {
    let result = program(engine, text, at).and_then(|program| value(engine, &program, scope));
    result.map_err(|mut error| {
        if error.kind() == ErrorKind::Undefined {
            error.0.message = format!("Error while evaluating conditional: {}", error.0.message);
        }
        if !error.0.placed {
            error.0.placed = true;
            error.0.at = at.clone();
        }
        error
    })
}

/// Returns the program of a condition: an expression, or a template that is nothing but that.
pub(super) fn program(engine: &Engine, text: &str, at: &Position) -> Result<Arc<Program>, Error> {
    let body = text.trim();
    let is_template = is_template(body);
    let is_closed = body.ends_with("}}") || body.ends_with("%}");
    if is_template
        && is_closed
        && let Ok(program) = engine.programs().template(body, at)
    {
        return Ok(program);
    }
    engine.programs().expression(text, at).map_err(|error| {
        if is_template {
            error.hint("a condition is an expression already: write it without `{{ }}`")
        } else {
            error
        }
    })
}

fn value(engine: &Engine, program: &Arc<Program>, scope: &Arc<dyn Scope>) -> Result<Value, Error> {
    let shared = Shared::default();
    let run = Run::new(engine, scope, &shared);
    let value = match program.body.as_slice() {
        [Stmt::Emit(..)] => Eval::expression(run, program)?,
        _ => Eval::template(run, program)?,
    };
    let value = run.resolved(&value)?;
    // A template in braces may give the words of a boolean; an expression must give a boolean itself.
    let braced = program.source.starts_with('{')
        && !matches!(program.body.as_slice(), [Stmt::Emit(Expr::Map(..), _)]);
    match value.as_str() {
        _ if matches!(&value, Value::Text(text) if text.is_written()) => Ok(value),
        Some("True" | "true") if braced => Ok(Value::Bool(true)),
        Some("False" | "false") if braced => Ok(Value::Bool(false)),
        _ => Ok(value),
    }
}

fn boolean(engine: &Engine, value: &Value, text: &str, at: &Position) -> Result<bool, Error> {
    if let Value::Bool(truth) = value {
        return Ok(*truth);
    }
    let truth = value.truth();
    let shown = if truth { "True" } else { "False" };
    let of = value.type_name();
    let message = format!(
        "Conditional result ({shown}) was derived from value of type '{of}'. Conditionals must have a boolean result."
    );
    if engine.broken_conditions() == BrokenConditions::Allow {
        notes::note(Deprecation { help: Some(ALLOWED), ..Deprecation::new(message, at) });
        return Ok(truth);
    }
    if value.as_str().is_some() && text.trim_start().starts_with('{') {
        // What a template put together is data: it is not read as an expression in its turn.
        return Err(untrusted(value.as_str().unwrap_or_default(), at));
    }
    let mut error = placed(&message, at);
    error.0.expression = text.trim().to_owned();
    let body = text.trim();
    let is_simple = body
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'[' | b']' | b'\''));
    let subject = if is_simple { body.to_owned() } else { format!("({body})") };
    Err(match value {
        Value::Text(_) => {
            error.hint(format!("write `{subject} | bool`, or compare it: `{subject} == …`"))
        }
        Value::List(_) | Value::Map(_) => error.hint(format!("write `{subject} | length > 0`")),
        Value::Null => error.hint(format!("write `{subject} is not none`")),
        _ => error.hint(format!("compare it, as in `{subject} != 0`, or write `{subject} | bool`")),
    })
}

/// Refuses text that a template or a host put out: only what the operator wrote is an expression.
fn untrusted(text: &str, at: &Position) -> Error {
    let mut error = placed(Error::UNTRUSTED, at)
        .hint("only what stands in playbooks, roles and inventories is read as an expression, not results of templates and modules")
        .hint("write the expression itself, without `{{ }}` and quotes");
    error.0.expression = text.trim().to_owned();
    error
}

fn placed(message: &str, at: &Position) -> Error {
    let mut error = Error::invalid(message);
    error.0.placed = true;
    error.0.at = at.clone();
    error
}
