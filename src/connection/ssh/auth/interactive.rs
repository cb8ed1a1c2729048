//! keyboard-interactive: the host asks, we answer with the password.

use russh::client::{Handle, KeyboardInteractiveAuthResponse as Response};

use super::Step;
use crate::base::Secret;
use crate::connection::ssh::session::Watch;

/// More rounds than this are no login.
const ROUNDS: usize = 8;

/// Answers the host's questions; returns what came of it, and what we could not answer.
///
/// The password is given once: to the first question whose answer is not shown. Other questions (a code from a
/// telephone) are answered with nothing and named in the message.
pub(super) async fn talk(
    handle: &mut Handle<Watch>,
    user: &str,
    password: Option<&Secret>,
) -> Result<(Step, String), russh::Error> {
    let mut password = password;
    let mut unanswered = Vec::new();
    let mut response = handle.authenticate_keyboard_interactive_start(user, None::<String>).await?;
    for _ in 0..ROUNDS {
        let prompts = match response {
            Response::Success => return Ok((Step::In, note(&unanswered))),
            Response::Failure { remaining_methods, partial_success } => {
                let step = if partial_success { Step::Partly } else { Step::Refused };
                return Ok((step(remaining_methods), note(&unanswered)));
            }
            Response::InfoRequest { prompts, .. } => prompts,
        };
        let mut answers = Vec::new();
        for prompt in prompts {
            match password.filter(|_| !prompt.echo) {
                Some(secret) => {
                    answers.push(secret.reveal().to_owned());
                    password = None;
                }
                None => {
                    unanswered.push(prompt.prompt.trim().to_owned());
                    answers.push(String::new());
                }
            }
        }
        response = handle.authenticate_keyboard_interactive_respond(answers).await?;
    }
    Err(russh::Error::Inconsistent)
}

fn note(unanswered: &[String]) -> String {
    match unanswered {
        [] => String::new(),
        questions => {
            format!(" (the host asked “{}”, which fcplay cannot answer)", questions.join("”, “"))
        }
    }
}
