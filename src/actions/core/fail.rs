//! `fail`: fails, with a message.

use crate::actions::{Context, Done, Error};
use crate::module::{Example, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `fail`.
    pub(super) struct Args {
        /// What to say.
        msg: String = "Failed as requested from task".into(),
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
    Err(Error::new(args.msg))
}
