//! `pause`: waits for a time, or until somebody at the terminal goes on.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use crate::actions::{Context, Done, Error};
use crate::module::{Example, Outcome, Rule, Spec};
use crate::{action, arguments};

/// What is told when there is nobody to ask.
const NOBODY: &str = "Not waiting for response to prompt as stdin is not interactive";

arguments! {
    /// Arguments of `pause`.
    pub(super) struct Args {
        /// How many minutes to wait.
        minutes: Option<f64>,
        /// How many seconds to wait.
        seconds: Option<f64>,
        /// What to say to the one at the terminal.
        prompt: Option<String>,
        /// Whether what is typed can be seen.
        echo: bool = true,
    }
}

action! {
    /// The action.
    Pause,
    Spec {
        name: "pause",
        summary: "Waits for a time, or until somebody at the terminal goes on.",
        rules: &[Rule::Exclusive(&["minutes", "seconds"])],
        examples: &[Example { about: "Wait a little.", task: "pause: {seconds: 5}" }],
        ..Spec::BASE
    },
    Args,
    run,
    {
        fn once(&self) -> bool {
            true
        }
    }
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let started = Instant::now();
    let time = args.seconds.or_else(|| args.minutes.map(|minutes| minutes * 60.0));
    let mut input = String::new();
    let mut warnings = Vec::new();
    match time {
        Some(seconds) => tokio::time::sleep(Duration::from_secs_f64(seconds.max(0.0))).await,
        None => {
            let prompt =
                args.prompt.as_deref().unwrap_or("Press enter to continue, Ctrl+C to interrupt");
            // Without a terminal nobody can answer: it goes on, as Ansible does, and reads nothing of a pipe.
            let ask = || cx.hands.ask(&format!("{prompt}:"), !args.echo);
            let answer = std::io::stdin().is_terminal().then(|| tokio::task::block_in_place(ask));
            if answer.is_none() {
                warnings.push(NOBODY.to_owned());
            }
            input = answer.flatten().unwrap_or_default();
        }
    }
    let delta = started.elapsed().as_secs();
    let unit = if args.minutes.is_some() { "minutes" } else { "seconds" };
    let waited = if unit == "minutes" {
        started.elapsed().as_secs_f64() / 60.0
    } else {
        started.elapsed().as_secs_f64()
    };
    let outcome = Outcome::done()
        .with("delta", delta)
        .with("echo", args.echo)
        .with("rc", 0)
        .with("stderr", "")
        .with("stdout", format!("Paused for {waited:.2} {unit}"))
        .with("user_input", input);
    Ok(Done { warnings, ..Done::ok(outcome) })
}
