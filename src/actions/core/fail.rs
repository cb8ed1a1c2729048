//! `fail`: fails, with a message.

use crate::actions::{Context, Done, Error};
use crate::base::Value;
use crate::module::{Argument, BadArgument, Example, Failure, Kind, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `fail`.
    pub(super) struct Args {
        /// What to say.
        msg: Said = Said("Failed as requested from task".into()),
    }
}

/// What is said: a text, or a list of them as it is.
#[derive(Clone, Debug)]
pub(super) struct Said(Value);

impl Argument for Said {
    const KIND: Kind = Kind::Text;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        Ok(Self(value.clone()))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

action! {
    /// The action.
    Fail,
    Spec {
        name: "fail",
        summary: "Fails, with a message of one's own.",
        examples: &[Example { about: "Refuse an old system.", task: "fail: {msg: Debian 12 or newer is needed}" }],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, _cx: &Context<'_>) -> Result<Done, Error> {
    let message = Failure::new(args.msg.0.to_string());
    Err(message.with("msg", args.msg.0).into())
}
