//! `assert`: checks that conditions hold.

use crate::actions::{Context, Done, Error};
use crate::base::{Position, Value};
use crate::module::{Example, Failure, Outcome, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `assert`.
    pub(super) struct Args {
        /// The conditions, as `when` takes them.
        that: Value,
        /// What to say when one does not hold.
        fail_msg ["msg"]: Option<Value>,
        /// What to say when all hold.
        success_msg: Option<Value>,
        /// Whether to say nothing when all hold.
        quiet: bool = false,
    }
}

action! {
    /// The action.
    Assert,
    Spec {
        name: "assert",
        summary: "Checks that conditions hold, and fails when one does not.",
        examples: &[Example { about: "Check the memory.", task: "assert: {that: [ansible_facts.memtotal_mb > 4000]}" }],
        ..Spec::BASE
    },
    Args,
    run,
    {
        fn expressions(&self) -> &'static [&'static str] {
            &["that"]
        }
    }
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let vars = cx.vars();
    let that = match args.that {
        // A template may give the whole list, of conditions that may have braces of their own.
        lazy @ Value::Lazy(_) => match cx.templates.opened(&lazy, &vars) {
            Ok(list @ Value::List(_)) => list,
            _ => lazy,
        },
        other => other,
    };
    let conditions = that.as_list().map_or_else(|| vec![that.clone()], |list| list.to_vec());
    for condition in &conditions {
        let place = match condition {
            Value::Lazy(lazy) => lazy.at().clone(),
            _ => Position::default(),
        };
        let shown = match condition {
            Value::Lazy(lazy) => Value::from(std::sync::Arc::clone(lazy.source())),
            other => other.clone(),
        };
        let holds = cx.templates.condition(condition, &place, &vars);
        let failed = |message: Value| {
            Failure::new(message.to_string())
                .with("evaluated_to", false)
                .with("assertion", shown.clone())
                .with("msg", message)
        };
        match holds {
            Ok(true) => {}
            Ok(false) => {
                return Err(
                    failed(args.fail_msg.unwrap_or_else(|| "Assertion failed".into())).into()
                );
            }
            Err(error) => return Err(error.into()),
        }
    }
    let message = args.success_msg.unwrap_or_else(|| "All assertions passed".into());
    let done = Done::ok(Outcome::done().with("msg", message));
    Ok(Done { loud: !args.quiet, ..done })
}
